import type { Observable, SchedulerLike } from 'rxjs';
import type { BusEvent, Subscription, WaitOptions } from '../../define/bus.ts';
import { show } from '../../define/show.ts';
import { type AnyTopic, isTopic } from '../../define/topic.ts';
import { toMs } from '../../kernel/durations.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { ClockScheduler } from './clock-scheduler.ts';
import { notATopicError, tooLateError } from './errors.ts';
import { EventIterator } from './event-iterator.ts';
import type { AnyHandler, Inbox } from './inbox.ts';
import type { OwnInboxes } from './own-inboxes.ts';
import type { Party } from './party.ts';
import { interestOf } from './patterns.ts';
import { checked } from './payload.ts';
import { ask } from './request.ts';
import { checkHandler, readSettings, type Settings } from './settings.ts';
import { observe, streamOf } from './stream.ts';
import type { Switchboard } from './switchboard.ts';

const defaultTimeoutMs = 5_000;

type About = AnyTopic | string;

/** The bus as one party may use it. Its subscriptions are its own, and end with it. */
export class LiveBus {
  readonly #kernel: Kernel;
  readonly #switchboard: Switchboard;
  readonly #party: Party;
  readonly #own: OwnInboxes;
  #scheduler: ClockScheduler | undefined;

  constructor(kernel: Kernel, switchboard: Switchboard, party: Party, own: OwnInboxes) {
    this.#kernel = kernel;
    this.#switchboard = switchboard;
    this.#party = party;
    this.#own = own;
  }

  get scheduler(): SchedulerLike {
    this.#scheduler ??= new ClockScheduler(this.#kernel.clock);
    return this.#scheduler;
  }

  emit(topic: AnyTopic, payload?: unknown): void {
    const delivered = this.#checked('bus.emit', topic, payload);
    this.#switchboard.emit(this.#party, topic, delivered);
  }

  async confirm(topic: AnyTopic, payload?: unknown, options: WaitOptions = {}): Promise<void> {
    const delivered = this.#checked('bus.confirm', topic, payload);
    const timeoutMs = timeoutOf(options);
    await new Promise<void>((resolve, reject) => {
      const { clock } = this.#kernel;
      const timer = clock.setTimeout(() => {
        reject(tooLateError(this.#party.path, topic.name, 'handled', timeoutMs));
      }, timeoutMs);
      this.#switchboard.emit(this.#party, topic, delivered, (error) => {
        clock.clearTimeout(timer);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  on(about: About, handler: AnyHandler, options?: object): Subscription {
    return subscriptionOf(this.#subscribe('bus.on', about, handler, options));
  }

  once(about: About, handler: AnyHandler, options?: object): Subscription {
    return subscriptionOf(this.#subscribe('bus.once', about, handler, options, { isOnce: true }));
  }

  off(about?: About, handler?: unknown): number {
    const text = isTopic(about) ? about.name : about;
    let count = 0;
    for (const inbox of this.#own) {
      if (text !== undefined && inbox.interest.text !== text) continue;
      if (handler !== undefined && inbox.handler !== handler) continue;
      inbox.end(true);
      count++;
    }
    return count;
  }

  async request(topic: AnyTopic, payload?: unknown, options: WaitOptions = {}): Promise<unknown> {
    const delivered = this.#checked('bus.request', topic, payload);
    const timeoutMs = timeoutOf(options);
    return await ask(this.#kernel, this.#switchboard, this.#party, topic, delivered, timeoutMs);
  }

  reply(topic: AnyTopic, handler: AnyHandler, options: object = {}): Subscription {
    const { path } = this.#party;
    this.#party.assertOpen('bus.reply');
    this.#assertTopic(topic);
    checkHandler(path, `bus.reply(${topic.name})`, handler);
    const settings = readSettings(path, `bus.reply(${topic.name})`, {
      overflow: 'drop-newest',
      ...options,
    });
    const answer = async (payload: never, event: BusEvent<never>) => {
      const reply = await handler(payload, event);
      return checked(topic.replySchema, reply, { path, topic: topic.name, what: 'reply' });
    };
    const interest = interestOf(path, topic);
    const input = { party: this.#party, interest, settings, handler: answer };
    const inbox = this.#switchboard.addReplier(input);
    this.#own.add(inbox);
    return subscriptionOf(inbox);
  }

  stream(about: About, options?: object): Observable<unknown> {
    interestOf(this.#party.path, about);
    return streamOf(this.#party, (handler) =>
      this.#subscribe('bus.stream', about, handler, options),
    );
  }

  from(source: Observable<unknown>, topic: AnyTopic): Subscription {
    this.#party.assertOpen('bus.from');
    this.#assertTopic(topic);
    const observed = observe(this.#party, source, (value) => this.emit(topic, value));
    return {
      get isActive() {
        return !observed.closed;
      },
      size: 0,
      unsubscribe: () => observed.unsubscribe(),
      [Symbol.dispose]: () => observed.unsubscribe(),
    };
  }

  events(about: About, options?: object): AsyncIterableIterator<BusEvent> {
    return new EventIterator((handler) => this.#subscribe('bus.events', about, handler, options));
  }

  subscribers(topic: AnyTopic): number {
    this.#assertTopic(topic);
    return this.#switchboard.audienceOf(topic.name).length;
  }

  #subscribe(
    what: string,
    about: About,
    handler: AnyHandler,
    options?: object,
    more: Partial<Settings> = {},
  ): Inbox {
    this.#party.assertOpen(what);
    const { path } = this.#party;
    const interest = interestOf(path, about);
    checkHandler(path, `${what}(${interest.text})`, handler);
    const settings = { ...readSettings(path, `${what}(${interest.text})`, options), ...more };
    const inbox = this.#switchboard.subscribe({ party: this.#party, interest, settings, handler });
    this.#own.add(inbox);
    return inbox;
  }

  /** @throws DARUMA_STALE_INCARNATION, DARUMA_INVALID_TOPIC, DARUMA_INVALID_PAYLOAD */
  #checked(what: string, topic: AnyTopic, payload: unknown): unknown {
    this.#party.assertAlive(what);
    this.#assertTopic(topic);
    const subject = { path: this.#party.path, topic: topic.name, what: 'payload' } as const;
    return checked(topic.schema, payload, subject);
  }

  #assertTopic(topic: unknown): void {
    if (!isTopic(topic)) throw notATopicError(this.#party.path, `${show(topic)} is no topic.`);
  }
}

function subscriptionOf(inbox: Inbox): Subscription {
  return {
    get isActive() {
      return !inbox.isEnded;
    },
    get size() {
      return inbox.size;
    },
    unsubscribe: () => inbox.end(true),
    [Symbol.dispose]: () => inbox.end(true),
  };
}

/** @throws DARUMA_INVALID_DURATION */
function timeoutOf({ timeout }: WaitOptions): number {
  return timeout === undefined ? defaultTimeoutMs : toMs(timeout);
}
