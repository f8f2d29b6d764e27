import type { Scope } from '../../kernel/scope.ts';
import { attemptTimeoutError, type Caller, totalTimeoutError } from './errors.ts';
import type { PolicySpec } from './spec.ts';

/** What the function of a call is given, one for each attempt. */
export interface Attempt {
  /**
   * Aborted when the attempt takes too long, or when the call is cancelled. Made when it is first
   * touched.
   */
  readonly signal: AbortSignal;
  /** Which attempt of the call, from 1. */
  readonly attempt: number;
}

export type Work<Result> = (attempt: Attempt) => Result | PromiseLike<Result>;

class LiveAttempt implements Attempt {
  readonly attempt: number;
  #controller: AbortController | undefined;
  #reason: unknown;

  constructor(attempt: number) {
    this.attempt = attempt;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }
}

/**
 * One call under a policy.
 *
 * 1. At any time at most one thing is waited for: a delay, a place, a turn, or an attempt.
 * 2. Once its end has begun nothing new is begun.
 * 3. When its scope is over nothing is waited for any more, and no timer is left.
 */
export class Call implements Caller {
  readonly #spec: PolicySpec;
  readonly scope: Scope;
  /** How many attempts have begun. */
  attempts = 0;
  /** What the last attempt failed of. */
  lastError: unknown;
  #endReason: Error | undefined;
  #isCancelled = false;
  #attempt: LiveAttempt | undefined;
  #interrupt: ((reason: unknown) => void) | undefined;
  #totalTimer: unknown;

  constructor(spec: PolicySpec, scope: Scope) {
    this.#spec = spec;
    this.scope = scope;
    if (spec.totalMs === Number.POSITIVE_INFINITY) return;
    this.#totalTimer = scope.kernel.clock.setTimeout(() => this.#outOfTime(), spec.totalMs);
  }

  get policy(): string {
    return this.#spec.name;
  }

  get path(): string {
    return this.scope.path;
  }

  /** Its scope was cancelled: whatever comes of it now is no failure. */
  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  get hasToEnd(): boolean {
    return this.#endReason !== undefined;
  }

  throwIfEnding(): void {
    if (this.#endReason) throw this.#endReason;
  }

  /**
   * Waits for something that others decide. `begin` is given what to call when it has come, and
   * returns what undoes the waiting.
   *
   * @throws why the call has to end, as soon as it has to
   */
  wait(begin: (come: () => void) => () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.throwIfEnding();
      const undo = begin(() => {
        this.#interrupt = undefined;
        resolve();
      });
      this.#interrupt = (reason) => {
        this.#interrupt = undefined;
        undo();
        reject(reason);
      };
    });
  }

  /** @throws why the call has to end, as soon as it has to */
  sleep(ms: number): Promise<void> {
    const { clock } = this.scope.kernel;
    return this.wait((come) => {
      const timer = clock.setTimeout(come, ms);
      return () => clock.clearTimeout(timer);
    });
  }

  /**
   * Calls a function of the user's. Its result does not count any more once it took too long.
   *
   * @throws what it throws; why it was not waited for any longer
   */
  perform<Result>(work: Work<Result>, limitMs: number): Promise<Result> {
    const { clock } = this.scope.kernel;
    return new Promise((resolve, reject) => {
      const attempt = new LiveAttempt(++this.attempts);
      let timer: unknown;
      // Says whether it is what is waited for: a late result finds that it is not.
      const ends = (): boolean => {
        if (this.#attempt !== attempt) return false;
        this.#attempt = undefined;
        this.#interrupt = undefined;
        if (timer !== undefined) clock.clearTimeout(timer);
        return true;
      };
      const succeed = (result: Result) => {
        if (ends()) resolve(result);
      };
      const fail = (error: unknown) => {
        if (ends()) reject(error);
      };
      this.#attempt = attempt;
      this.#interrupt = (reason) => {
        fail(reason);
        this.#abort(attempt, reason);
      };
      if (limitMs < Number.POSITIVE_INFINITY) {
        const late = () => this.#interrupt?.(this.#endReason ?? attemptTimeoutError(this, limitMs));
        timer = clock.setTimeout(late, limitMs);
      }
      try {
        const result = work(attempt);
        if (isThenable(result)) result.then(succeed, fail);
        else succeed(result);
      } catch (error) {
        fail(error);
      }
    });
  }

  /** What waits ends at once; an attempt is asked to, and what becomes of it is waited for. */
  cancel(reason: Error): void {
    this.#isCancelled = true;
    this.#endReason ??= reason;
    if (this.#attempt) this.#abort(this.#attempt, this.#endReason);
    else this.#interrupt?.(this.#endReason);
  }

  /** Nobody is there any more to wait for it. */
  abandon(): void {
    this.#interrupt?.(this.#endReason);
  }

  /** It has settled. */
  close(): void {
    if (this.#totalTimer === undefined) return;
    this.scope.kernel.clock.clearTimeout(this.#totalTimer);
    this.#totalTimer = undefined;
  }

  #outOfTime(): void {
    this.#endReason ??= totalTimeoutError(this, this.#spec.totalMs, this.attempts, this.lastError);
    this.#interrupt?.(this.#endReason);
  }

  /** Its listeners are code of the user's. */
  #abort(attempt: LiveAttempt, reason: unknown): void {
    this.scope.attribute(() => attempt.abort(reason));
  }
}

function isThenable<Result>(value: Result | PromiseLike<Result>): value is PromiseLike<Result> {
  return typeof (value as PromiseLike<Result> | undefined)?.then === 'function';
}
