import { formatDuration, parseDuration } from '../../../actors/rules/duration.ts';
import { notifyLevels } from '../../define/notify.ts';
import { isThenable } from '../../define/show.ts';
import { errorInfo } from '../../events.ts';
import type { NotifyHappening } from '../../happenings/notify.ts';
import type { Channel, Delivery, Notification } from './notification.ts';

/** How many may wait for one channel; beyond that the oldest is dropped. */
const mostWaiting = 1_000;
const defaultTimeoutMs = 30_000;

/** Calls the code of a channel such that what it leaves behind is blamed on nobody in the tree. */
export type Attribute = (call: () => unknown) => unknown;
/** Whoever writes down how a delivery went. */
export type Report = (notification: Notification, happening: NotifyHappening) => void;

/**
 * What waits for one channel: sent one at a time, in order, whatever becomes of the others; never on
 * the stack of whoever has something to tell.
 */
export class Outbox {
  readonly #channel: Channel;
  readonly #delivery: Delivery;
  readonly #attribute: Attribute;
  readonly #report: Report;
  readonly #timeoutMs: number;
  readonly #waiting: Notification[] = [];
  #sending: Promise<void> | undefined;

  constructor(channel: Channel, delivery: Delivery, attribute: Attribute, report: Report) {
    this.#channel = channel;
    this.#delivery = delivery;
    this.#attribute = attribute;
    this.#report = report;
    const { timeout } = channel;
    this.#timeoutMs =
      timeout === 'infinity'
        ? Number.POSITIVE_INFINITY
        : (parseDuration(timeout) ?? defaultTimeoutMs);
  }

  put(notification: Notification): void {
    const { level = 'info' } = this.#channel;
    if (notifyLevels.indexOf(notification.level) < notifyLevels.indexOf(level)) return;
    this.#waiting.push(notification);
    if (this.#waiting.length > mostWaiting) {
      this.#tell(this.#waiting.shift() as Notification, 'dropped');
    }
    this.#sending ??= this.#sendAll();
  }

  /** Resolves when nothing waits; undefined: nothing does. */
  idle(): Promise<void> | undefined {
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    await Promise.resolve();
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      try {
        this.#delivery.signal.throwIfAborted();
        const sending = this.#attribute(() => this.#channel.send(next, this.#delivery));
        if (isThenable(sending)) await this.#patiently(sending);
        this.#tell(next, 'sent');
      } catch (error) {
        this.#tell(next, 'failed', error);
      }
    }
    // In the same turn as the last look: what comes a turn later would wait for nobody.
    this.#sending = undefined;
  }

  /** A channel that hangs is left behind: what it does later reaches nobody. */
  #patiently(sending: PromiseLike<unknown>): Promise<unknown> {
    const { clock, signal } = this.#delivery;
    const timeoutMs = this.#timeoutMs;
    return new Promise((resolve, reject) => {
      const giveUp = (reason: unknown) => {
        over();
        reject(reason);
      };
      const leave = () => giveUp(signal.reason);
      const late = () => giveUp(new Error(`not delivered within ${formatDuration(timeoutMs)}`));
      const timer = Number.isFinite(timeoutMs) ? clock.setTimeout(late, timeoutMs) : undefined;
      const over = () => {
        if (timer !== undefined) clock.clearTimeout(timer);
        signal.removeEventListener('abort', leave);
      };
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
      Promise.resolve(sending).finally(over).then(resolve, reject);
    });
  }

  #tell(notification: Notification, outcome: NotifyHappening['outcome'], error?: unknown): void {
    this.#report(notification, {
      type: 'notification',
      outcome,
      channel: this.#channel.name,
      title: notification.title,
      ...(error !== undefined && { error: errorInfo(error) }),
    });
  }
}
