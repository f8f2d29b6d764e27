import { errorInfo } from '../../events.ts';
import { isAbort } from '../../kernel/failures.ts';
import type { Scope } from '../../kernel/scope.ts';
import type { OpenSpan } from '../tracing/open-span.ts';
import { endWith } from '../tracing/traced.ts';
import { LiveAttempt, type Work } from './attempt.ts';
import type { Permit } from './breaker.ts';
import type { Engine } from './engine.ts';
import { attemptTimeoutError, type Caller, totalTimeoutError } from './errors.ts';
import { Interruptible } from './interruptible.ts';
import { delayAfter } from './retry.ts';
import type { Seat } from './seat.ts';

const noLimit = Number.POSITIVE_INFINITY;

/**
 * One call under a policy, through its parts from the outside in:
 *
 * fallback > total timeout > retry > breaker > bulkhead > rate limit > breaker > attempt timeout
 *
 * The breaker is asked twice: a call that it would refuse does not wait for a place and a turn first,
 * and one that has waited while it opened is not let through.
 *
 * 1. At any time one thing at most is waited for: a place, a turn, an attempt, a delay.
 * 2. Once its end has begun no attempt is begun.
 * 3. It settles when its scope is over at the latest, and leaves no timer and no place behind.
 *
 * Written in steps and not as one async function: most calls wait for nothing but their function, and
 * every further promise costs as much as the rest of the call.
 */
export class Call extends Interruptible implements Caller {
  readonly #seat: Seat;
  readonly #engine: Engine;
  readonly scope: Scope;
  readonly #work: Work<unknown>;
  #resolve!: (result: unknown) => void;
  #reject!: (error: unknown) => void;
  #attempts = 0;
  #attempt: LiveAttempt | undefined;
  #permit: Permit | undefined;
  #hasPlace = false;
  #lastError: unknown;
  #isCancelled = false;
  #isFallingBack = false;
  #attemptTimer: unknown;
  #totalTimer: unknown;
  #span: OpenSpan | undefined;

  constructor(seat: Seat, work: Work<unknown>) {
    super(seat.engine.kernel.clock);
    this.#seat = seat;
    this.#engine = seat.engine;
    this.scope = seat.scope;
    this.#work = work;
  }

  get policy(): string {
    return this.#engine.spec.name;
  }

  get path(): string {
    return this.scope.path;
  }

  /** Its scope was cancelled: whatever comes of it now is no failure. */
  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  begin(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#seat.calls.add(this);
      this.#span = this.#seat.openSpan();
      const { totalMs } = this.#engine.spec;
      const { clock } = this.#engine.kernel;
      if (totalMs < noLimit) {
        this.#totalTimer = clock.setTimeout(() => this.#outOfTime(), totalMs);
      }
      this.#enter();
    });
  }

  /** What waits ends at once; an attempt is told, and what becomes of it is waited for. */
  cancel(reason: Error): void {
    this.#isCancelled = true;
    this.end(reason);
    if (this.#attempt) this.#abort(this.#attempt, this.endReason);
  }

  /** Nobody is there any more to wait for it. */
  abandon(): void {
    if (this.#attempt) this.#giveUp(this.#attempt, this.endReason);
  }

  // One attempt, step by step.

  #enter(): void {
    const { breaker, bulkhead } = this.#engine;
    this.#attempts++;
    let place: Promise<void> | undefined;
    try {
      breaker?.refuse(this);
      place = bulkhead?.enter(this);
    } catch (error) {
      return this.#failed(error);
    }
    if (place) return this.#goOn(place, () => this.#entered());
    if (bulkhead) this.#entered();
    else this.#takeTurn();
  }

  #entered(): void {
    this.#hasPlace = true;
    this.#takeTurn();
  }

  #takeTurn(): void {
    let turn: Promise<void> | undefined;
    try {
      turn = this.#engine.rateLimit?.take(this);
    } catch (error) {
      return this.#failed(error);
    }
    if (turn) this.#goOn(turn, () => this.#perform());
    else this.#perform();
  }

  #perform(): void {
    const { breaker, kernel, meddling, spec } = this.#engine;
    // It may have had to end just when it was let through.
    if (this.endReason) return this.#failed(this.endReason);
    try {
      this.#permit = breaker?.admit(this);
    } catch (error) {
      return this.#failed(error);
    }
    const attempt = new LiveAttempt(this.#attempts);
    const { attemptMs } = spec;
    if (attemptMs < noLimit) {
      this.#attemptTimer = kernel.clock.setTimeout(() => {
        this.#giveUp(attempt, this.endReason ?? attemptTimeoutError(this, attemptMs));
      }, attemptMs);
    }
    this.#hand(attempt, meddling.bend?.(this.#work) ?? this.#work);
  }

  /** Calls a function of the user's, whose result counts as long as it is what is waited for. */
  #hand(attempt: LiveAttempt, work: Work<unknown>): void {
    this.#attempt = attempt;
    let result: unknown;
    try {
      result = this.#span ? this.#span.run(() => work(attempt)) : work(attempt);
    } catch (error) {
      return this.#threw(attempt, error);
    }
    if (!isThenable(result)) return this.#returned(attempt, result);
    result.then(
      (value) => this.#returned(attempt, value),
      (error: unknown) => this.#threw(attempt, error),
    );
  }

  #returned(attempt: LiveAttempt, value: unknown): void {
    if (!this.#ends(attempt)) return this.#wentAway(attempt);
    if (this.#permit) this.#engine.breaker?.succeeded(this, this.#permit);
    this.#leave();
    this.#close();
    this.#span?.end(this.#isFallingBack ? 'fallback' : 'completed');
    this.#resolve(value);
  }

  #threw(attempt: LiveAttempt, error: unknown): void {
    if (!this.#ends(attempt)) return this.#wentAway(attempt);
    if (this.#permit) this.#engine.breaker?.threw(this, this.#permit, error);
    this.#failed(error);
  }

  /** Whether this is the attempt that is waited for: a late one finds that it is not. */
  #ends(attempt: LiveAttempt): boolean {
    if (this.#attempt !== attempt) return false;
    this.#attempt = undefined;
    if (this.#attemptTimer !== undefined) {
      this.#engine.kernel.clock.clearTimeout(this.#attemptTimer);
      this.#attemptTimer = undefined;
    }
    return true;
  }

  /**
   * It is not waited for any longer, whatever comes of it later. It keeps its place until it has come
   * to an end: a bulkhead counts what runs, not what is waited for.
   */
  #giveUp(attempt: LiveAttempt, reason: unknown): void {
    if (this.#hasPlace) this.#seat.lingering.add(attempt);
    this.#hasPlace = false;
    this.#threw(attempt, reason);
    this.#abort(attempt, reason);
  }

  /** One that was given up has come to an end after all. */
  #wentAway(attempt: LiveAttempt): void {
    if (this.#seat.lingering.delete(attempt)) this.#engine.bulkhead?.leave();
  }

  // What follows.

  /** An attempt failed, or did not come about. */
  #failed(error: unknown): void {
    this.#leave();
    this.#permit = undefined;
    if (this.#isFallingBack) return this.#giveBack(error);
    this.#lastError = error;
    const { spec, kernel, breaker } = this.#engine;
    let delayMs: number | undefined;
    try {
      if (spec.retry && !this.endReason) {
        delayMs = delayAfter(spec.retry, this.#attempts, error, kernel.random);
      }
    } catch (thrown) {
      return this.#failedForGood(thrown);
    }
    if (!spec.retry || delayMs === undefined) return this.#failedForGood(error);
    // The breaker has opened over it, and would only refuse the next attempt.
    if (breaker && breaker.retryAfterMs > delayMs) return this.#failedForGood(error);
    this.scope.record({
      type: 'retry',
      policy: spec.name,
      attempt: this.#attempts,
      maxAttempts: spec.retry.maxAttempts,
      delayMs,
      error: errorInfo(error),
    });
    this.#span?.note('retry', { 'daruma.attempt': this.#attempts, 'daruma.delay_ms': delayMs });
    this.#goOn(this.sleep(delayMs), () => this.#enter());
  }

  #failedForGood(error: unknown): void {
    this.#clearTotal();
    const { fallback, name } = this.#engine.spec;
    if (!fallback || this.#isCancelled || isAbort(error)) return this.#giveBack(error);
    // What an open breaker refuses is counted there: an event for each would be a flood.
    if (!isRefusal(error)) {
      this.scope.record({ type: 'fallback', policy: name, error: errorInfo(error) });
    }
    this.#isFallingBack = true;
    this.#hand(new LiveAttempt(this.#attempts), () => fallback(error));
  }

  #giveBack(error: unknown): void {
    this.#close();
    endWith(this.#span, error);
    this.#reject(error);
  }

  #close(): void {
    this.#clearTotal();
    this.#seat.calls.delete(this);
  }

  #leave(): void {
    if (!this.#hasPlace) return;
    this.#hasPlace = false;
    this.#engine.bulkhead?.leave();
  }

  #goOn(waiting: Promise<void>, next: () => void): void {
    waiting.then(next, (reason: unknown) => this.#failed(reason));
  }

  #outOfTime(): void {
    const { totalMs } = this.#engine.spec;
    this.end(totalTimeoutError(this, totalMs, this.#attempts, this.#lastError));
    if (this.#attempt) this.#giveUp(this.#attempt, this.endReason);
  }

  #clearTotal(): void {
    if (this.#totalTimer === undefined) return;
    this.#engine.kernel.clock.clearTimeout(this.#totalTimer);
    this.#totalTimer = undefined;
  }

  /** Its listeners are code of the user's. */
  #abort(attempt: LiveAttempt, reason: unknown): void {
    this.scope.attribute(() => attempt.abort(reason));
  }
}

function isRefusal(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === 'DARUMA_CIRCUIT_OPEN';
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
}
