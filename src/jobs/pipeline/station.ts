import { type BackoffPolicy, backoffDelay } from '../../../actors/rules/backoff.ts';
import { errorInfo } from '../../events.ts';
import type { Backstage } from '../../kernel/backstage.ts';
import type { LiveContext } from '../../kernel/live-context.ts';
import { Attempt, type AttemptEnd, type Call } from './attempt.ts';
import { bufferFullError } from './errors.ts';
import type { Entry, Line, Taker } from './line.ts';
import type { LiveItem } from './live-item.ts';

/** What becomes of a failure: the item has it alone, or the service fails of it. */
export type OnError = 'report' | 'fail' | ((error: unknown, ctx: LiveItem) => unknown);

export interface StationPolicy {
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  /** Between attempts, where the service does not fail of the first. */
  readonly retryBackoff: BackoffPolicy;
  readonly onError: OnError;
  /** The stopWithin of the service. */
  readonly settleWithinMs: number;
}

/** To whom a station hands what it has done. */
export interface Outlet {
  /** Resolves when it may go on with the next one. */
  returned(entry: Entry, value: unknown): Promise<unknown> | undefined;
  /** It is done with it. */
  done(entry: Entry): void;
  failed(entry: Entry, error: unknown): void;
}

/**
 * One incarnation of a handler or a consumer.
 *
 * 1. Never more than `concurrency` entries are in hand; they are begun in the order of the line.
 * 2. What is taken from the line is done, given up or put back.
 * 3. On a requested stop what is in hand may end within half of the time; when the whole pipeline
 *    ends, also what waits.
 */
export class Station implements Taker {
  readonly #base: LiveContext;
  readonly #backstage: Backstage;
  readonly #line: Line;
  readonly #policy: StationPolicy;
  readonly #outlet: Outlet;
  readonly #work: () => Call;
  readonly #attempts = new Set<Attempt>();
  readonly #retries = new Map<Entry, unknown>();
  readonly #handing = new Set<() => void>();
  /** With a place: being tried, to be tried again, or waiting to be accepted elsewhere. */
  #inHand = 0;
  #isWaking = false;
  #takesMore = true;
  #isStopping = false;
  #isOver = false;
  #end = Promise.withResolvers<void>();
  #timer: unknown;

  /** @param work looked up whenever it is called: a simulation may have put faults around it */
  constructor(
    base: LiveContext,
    backstage: Backstage,
    line: Line,
    policy: StationPolicy,
    outlet: Outlet,
    work: () => Call,
  ) {
    this.#base = base;
    this.#backstage = backstage;
    this.#line = line;
    this.#policy = policy;
    this.#outlet = outlet;
    this.#work = work;
  }

  /** Works until its incarnation is to end, and what is in hand has. */
  run(): Promise<void> {
    this.#backstage.onCancel(() => {
      // A stop hook, where there is one, comes on the same stack.
      void Promise.resolve().then(() => {
        if (!this.#isStopping) this.#cutOff();
      });
    });
    this.#backstage.onAbandon(() => this.#abandon());
    this.#line.attach(this);
    return this.#end.promise;
  }

  /** Asked to stop: no failure, nothing taken back. */
  stop(): Promise<void> {
    const { node, clock } = this.#backstage;
    this.#isStopping = true;
    // Nobody comes after it where the whole pipeline ends: it takes what waits as well.
    this.#takesMore = node.superior?.isHalting === true;
    const halfMs = Math.max(0, (node.endsBy - clock.monotonic()) / 2);
    if (Number.isFinite(halfMs)) {
      this.#timer = clock.setTimeout(() => this.#cutOff(), halfMs);
    }
    this.#look();
    return this.#end.promise;
  }

  // For its line.

  wake(): void {
    if (this.#isWaking || this.#isOver) return;
    this.#isWaking = true;
    // Not on the stack of whoever put something in.
    void Promise.resolve().then(() => {
      this.#isWaking = false;
      this.#pump();
    });
  }

  overrun(limit: number): void {
    this.#backstage.fail(bufferFullError(this.#backstage.path, limit));
  }

  #pump(): void {
    while (this.#takesMore && !this.#isOver && this.#inHand < this.#policy.concurrency) {
      const entry = this.#line.take();
      if (!entry) break;
      this.#inHand++;
      this.#try(entry);
    }
    this.#look();
  }

  #try(entry: Entry): void {
    entry.attempts++;
    const attempt = new Attempt(this.#base, this.#backstage, entry, this.#policy);
    this.#attempts.add(attempt);
    attempt.begin(
      this.#work(),
      (failed, error) => this.#report(failed, error),
      (end) => {
        this.#attempts.delete(attempt);
        this.#ended(entry, end);
      },
    );
  }

  /** Says what went wrong; where it is the last time, does what is to be done about it. */
  #report({ entry, context }: Attempt, error: unknown): unknown {
    const { maxAttempts, onError } = this.#policy;
    if (entry.attempts < maxAttempts || typeof onError !== 'function') return undefined;
    this.#record(entry, error, null);
    return onError(error, context);
  }

  #ended(entry: Entry, end: AttemptEnd): void {
    if (end.type === 'cut-off') return this.#release(() => this.#line.putBack(uncounted(entry)));
    if (end.type === 'returned') {
      return this.#handOn(entry, this.#outlet.returned(entry, end.value));
    }
    const { maxAttempts, onError, retryBackoff } = this.#policy;
    const isLast = entry.attempts >= maxAttempts;
    const { error } = end;
    if (onError === 'fail') {
      this.#record(entry, error, isLast ? null : 0);
      // Its next life begins with it, where there is one.
      const failsNow = !this.#backstage.isCancelled;
      if (failsNow) this.#takesMore = false;
      this.#release(() => (isLast ? this.#outlet.failed(entry, error) : this.#line.putBack(entry)));
      if (failsNow) this.#backstage.fail(error);
      return;
    }
    if (isLast) {
      if (typeof onError !== 'function') this.#record(entry, error, null);
      this.#release(() => this.#outlet.failed(entry, error));
      if (end.second !== undefined) this.#backstage.fail(end.second);
      return;
    }
    const retryMs = backoffDelay(retryBackoff, entry.attempts - 1, this.#backstage.random());
    this.#record(entry, error, retryMs);
    const timer = this.#backstage.clock.setTimeout(() => {
      this.#retries.delete(entry);
      this.#try(entry);
    }, retryMs);
    this.#retries.set(entry, timer);
    if (this.#backstage.isCancelled && !this.#isStopping) this.#callOffRetries();
  }

  /** It keeps its place until what it has made is accepted, or is not waited for any more. */
  #handOn(entry: Entry, accepted: Promise<unknown> | undefined): void {
    const release = () => {
      if (this.#handing.delete(release)) this.#release(() => this.#outlet.done(entry));
    };
    this.#handing.add(release);
    if (accepted) void accepted.then(release);
    else release();
  }

  #release(settle: () => void): void {
    this.#inHand--;
    settle();
    if (this.#isOver) return;
    if (this.#line.size > 0) this.wake();
    this.#look();
  }

  #record({ item, attempts }: Entry, error: unknown, retryMs: number | null): void {
    this.#backstage.record({
      type: 'item',
      status: 'failed',
      count: 1,
      id: item.id,
      attempt: attempts,
      retryMs,
      error: errorInfo(error),
    });
  }

  /** Whether it is over. */
  #look(): void {
    const isEnding = this.#backstage.isCancelled || this.#isStopping;
    if (this.#isOver || !isEnding || this.#inHand > 0) return;
    if (this.#takesMore && this.#line.size > 0) return this.wake();
    this.#finish();
  }

  #cutOff(): void {
    if (this.#isOver) return;
    this.#takesMore = false;
    this.#callOffRetries();
    for (const attempt of [...this.#attempts]) attempt.cutOff();
    for (const release of [...this.#handing]) release();
    this.#look();
  }

  #callOffRetries(): void {
    for (const [entry, timer] of this.#retries) {
      this.#backstage.clock.clearTimeout(timer);
      this.#retries.delete(entry);
      this.#release(() => this.#line.putBack(entry));
    }
  }

  /** What it had in hand may have been done: that is known to nobody now, and it is given back. */
  #abandon(): void {
    if (this.#isOver) return;
    this.#takesMore = false;
    this.#finish();
    for (const release of [...this.#handing]) release();
    for (const [entry, timer] of this.#retries) {
      this.#backstage.clock.clearTimeout(timer);
      this.#line.putBack(entry);
    }
    for (const attempt of this.#attempts) {
      attempt.abandon();
      this.#line.putBack(attempt.entry);
    }
  }

  #finish(): void {
    this.#isOver = true;
    if (this.#timer !== undefined) this.#backstage.clock.clearTimeout(this.#timer);
    this.#line.detach(this);
    this.#end.resolve();
  }
}

/** It was called off, which is no attempt. */
function uncounted(entry: Entry): Entry {
  entry.attempts--;
  return entry;
}
