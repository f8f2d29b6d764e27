import { backoffDelay } from '../../../actors/rules/backoff.ts';
import type { BusEvent } from '../../define/bus.ts';
import { isThenable } from '../../define/show.ts';
import { isNotRetryable } from '../../errors.ts';
import { errorInfo } from '../../events.ts';
import { isAbort } from '../../kernel/failures.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { Backlog, type Entry, type Outcome } from './backlog.ts';
import { Drops } from './drops.ts';
import { lostError, overflowError } from './errors.ts';
import type { Party } from './party.ts';
import type { Interest } from './patterns.ts';
import type { BusProbe } from './probe.ts';
import type { Pump } from './pump.ts';
import type { Settings } from './settings.ts';

export type AnyHandler = (payload: never, event: BusEvent<never>) => unknown;

/** What the subscriptions of a bus share. */
export interface Surroundings {
  readonly kernel: Kernel;
  readonly pump: Pump;
  readonly probe: BusProbe | undefined;
}

/** What one subscription is. */
export interface InboxInput {
  /** Unique in its bus. */
  readonly id: number;
  readonly party: Party;
  readonly interest: Interest;
  readonly settings: Settings;
  readonly handler: AnyHandler;
}

/**
 * One subscription: its mailbox, and the handling of what is in it.
 *
 * 1. Nothing of the subscriber's runs on the stack of whoever emits.
 * 2. Events are begun in the order in which they were offered; of one key, one at a time.
 * 3. Once it has ended nothing is begun, and whoever waits for an event in it is told.
 * 4. Whatever the handler throws is its party's failure, unless its settings say otherwise.
 */
export class Inbox implements InboxInput {
  readonly id: number;
  readonly party: Party;
  readonly interest: Interest;
  readonly settings: Settings;
  readonly handler: AnyHandler;
  readonly #around: Surroundings;
  readonly #onEnd: (() => void)[] = [];
  readonly #drops: Drops;
  readonly #backlog: Backlog;
  readonly #retries = new Map<Entry, unknown>();
  #hasOverflowed = false;
  #isScheduled = false;
  #hasTaken = false;
  #isEnded = false;

  constructor(input: InboxInput, around: Surroundings) {
    const { party, interest, settings } = input;
    this.id = input.id;
    this.party = party;
    this.interest = interest;
    this.settings = settings;
    this.handler = input.handler;
    this.#around = around;
    this.#drops = new Drops(around.kernel, party, interest.text);
    const { orderBy, concurrency } = settings;
    this.#backlog = new Backlog(concurrency, orderBy && ((entry) => this.#key(entry, orderBy)));
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Whether an event may be offered to it: not once it has ended, or has the one that it wants. */
  get takesMore(): boolean {
    return !this.#isEnded && !(this.settings.isOnce && this.#hasTaken);
  }

  onEnd(callback: () => void): void {
    this.#onEnd.push(callback);
  }

  /** What waits and what is being handled. */
  get size(): number {
    return this.#backlog.waiting + this.#backlog.inHand.size;
  }

  /** Takes an event in. Runs no code of the subscriber's. */
  offer(event: BusEvent, settle?: (outcome: Outcome) => void): Entry {
    const entry: Entry = { event, settle, key: undefined, hasKey: false };
    if (!this.takesMore) this.#lose(entry, 'ended');
    else if (this.#isFull(entry)) this.#overflow(entry);
    else this.#add(entry);
    this.#schedule();
    return entry;
  }

  /** Whoever waited for it gave up. */
  withdraw(entry: Entry): void {
    this.#backlog.withdraw(entry);
  }

  /** Called by the pump: begins one event. */
  step(): void {
    this.#isScheduled = false;
    if (this.#isEnded) return;
    if (this.#hasOverflowed) {
      this.#hasOverflowed = false;
      const { interest, settings, party } = this;
      this.#failParty(overflowError(party.path, interest.text, settings.buffer));
      return this.#schedule();
    }
    const entry = this.#backlog.take();
    if (!entry) return;
    this.#begin(entry);
    this.#schedule();
  }

  /** Begins nothing any more. `isQuiet`: nobody misses what waits. */
  end(isQuiet: boolean): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const timer of this.#retries.values()) this.#around.kernel.clock.clearTimeout(timer);
    const left = [...this.#retries.keys(), ...this.#backlog.clear()];
    this.#drops.end(isQuiet ? 0 : left.length);
    for (const callback of this.#onEnd) callback();
    for (const entry of this.#backlog.inHand) this.#lose(entry, 'ended');
    for (const entry of this.#retries.keys()) this.#backlog.release(entry);
    for (const entry of left.slice(this.#retries.size)) this.#lose(entry, 'ended');
    this.#retries.clear();
  }

  /** Resolves when what is being handled has been; undefined: nothing is. */
  settled(): Promise<void> | undefined {
    return this.#backlog.settled();
  }

  /** Resolves when everything that is in it now has been handled; undefined: nothing is. */
  drained(): Promise<void> | undefined {
    return this.#backlog.drained();
  }

  #add(entry: Entry): void {
    this.#hasTaken = true;
    this.#backlog.add(entry);
  }

  #isFull({ event }: Entry): boolean {
    if (this.#around.probe?.isFull(this, event)) return true;
    const { waiting, hasFreeHand } = this.#backlog;
    return waiting >= this.settings.buffer && !(waiting === 0 && hasFreeHand);
  }

  #overflow(entry: Entry): void {
    const { overflow } = this.settings;
    if (overflow === 'fail') {
      this.#hasOverflowed = true;
      return this.#lose(entry, 'dropped');
    }
    const oldest = overflow === 'drop-oldest' ? this.#backlog.dropOldest() : undefined;
    if (oldest) this.#backlog.add(entry);
    this.#drops.add();
    this.#lose(oldest ?? entry, 'dropped');
  }

  #lose({ event, settle }: Entry, why: 'dropped' | 'ended'): void {
    settle?.({ error: lostError(this.party.path, event.topic, why), lost: why });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isEnded) return;
    const mayBegin = this.#backlog.waiting > 0 && this.#backlog.hasFreeHand;
    if (!mayBegin && !this.#hasOverflowed) return;
    this.#isScheduled = true;
    this.#around.pump.add(this);
  }

  #key(entry: Entry, orderBy: (payload: unknown) => unknown): boolean {
    if (entry.hasKey) return true;
    try {
      entry.key = this.party.call(() => orderBy(entry.event.payload));
      entry.hasKey = true;
      return true;
    } catch (error) {
      this.#backlog.withdraw(entry);
      entry.settle?.({ error });
      this.#failParty(error);
      this.#schedule();
      return false;
    }
  }

  #begin(entry: Entry): void {
    const { probe } = this.#around;
    const event = entry.event as BusEvent<never>;
    const handle = () => this.handler(event.payload, event);
    try {
      const result = this.party.call(() => (probe ? probe.handle(this, entry, handle) : handle()));
      if (!isThenable(result)) return this.#done(entry, result);
      Promise.resolve(result).then(
        (value) => this.#done(entry, value),
        (error: unknown) => this.#failed(entry, error),
      );
    } catch (error) {
      this.#failed(entry, error);
    }
  }

  #done(entry: Entry, value: unknown): void {
    this.#around.probe?.over(this, entry, undefined);
    this.#over(entry, { value }, false);
  }

  #failed(entry: Entry, thrown: unknown): void {
    const error = thrown ?? new TypeError('A handler threw undefined instead of an error.');
    this.#around.probe?.over(this, entry, error);
    if (this.#isEnded) {
      this.#backlog.release(entry);
      // It was told to end, and obeys.
      if (!isAbort(error)) this.party.fail(error);
      return;
    }
    const { maxAttempts, onError } = this.settings;
    const mayRetry = entry.event.attempt < maxAttempts && !isNotRetryable(error);
    if (mayRetry) return this.#retryLater(entry, error);
    if (onError === 'fail') return this.#over(entry, { error }, true);
    this.#record(entry, error, null);
    if (onError === 'report') return this.#over(entry, { error }, false);
    Promise.resolve()
      .then(() => this.party.call(() => onError(error, entry.event)))
      .then(
        () => this.#over(entry, { error }, false),
        (second: unknown) => this.#over(entry, { error: second }, true),
      );
  }

  #over(entry: Entry, outcome: Outcome, isFatal: boolean): void {
    this.#backlog.release(entry);
    if (!this.#isEnded) entry.settle?.(outcome);
    if (isFatal && 'error' in outcome) this.#failParty(outcome.error);
    if (this.settings.isOnce) this.end(true);
    this.#schedule();
  }

  /** The event keeps its place: nothing of its key overtakes it. */
  #retryLater(entry: Entry, error: unknown): void {
    const { kernel } = this.#around;
    const { attempt } = entry.event;
    const retryMs = backoffDelay(this.settings.backoff, attempt - 1, kernel.random());
    this.#record(entry, error, retryMs);
    const timer = kernel.clock.setTimeout(() => {
      this.#retries.delete(entry);
      entry.event = { ...entry.event, attempt: attempt + 1 };
      this.#begin(entry);
    }, retryMs);
    this.#retries.set(entry, timer);
  }

  #record({ event }: Entry, error: unknown, retryMs: number | null): void {
    const { topic, attempt } = event;
    const info = errorInfo(error);
    this.party.record({ type: 'handler-failed', topic, error: info, attempt, retryMs });
  }

  /** Nothing more is begun in an incarnation that has failed. */
  #failParty(error: unknown): void {
    if (this.party.fail(error)) this.end(false);
  }
}
