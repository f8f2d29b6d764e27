import type { Jitter } from '../../../actors/rules/backoff.ts';
import type { Duration } from '../../../actors/rules/duration.ts';

/** The parts of a policy. Each may be left out, and then is not there. */
export interface PolicyOptions<Fallback = never> {
  /**
   * How long one attempt may take, from the call of the function on: waiting for a place or a turn is
   * not counted. In its longer form also what the whole call may take, with everything.
   *
   * @default no limit
   */
  readonly timeout?: Duration | TimeoutOptions;
  readonly retry?: RetryOptions;
  readonly breaker?: BreakerOptions;
  readonly bulkhead?: BulkheadOptions;
  readonly rateLimit?: RateLimitOptions;
  /**
   * Answers in place of a call that has failed for good. Not asked when the call was cancelled. What
   * it throws is what the call throws.
   */
  readonly fallback?: (error: unknown) => Fallback | PromiseLike<Fallback>;
}

export interface TimeoutOptions {
  /** How long one attempt may take. @default no limit */
  readonly attempt?: Duration;
  /** How long the call may take: all attempts, the delays between them, all waiting. @default no limit */
  readonly total?: Duration;
}

export interface RetryOptions {
  /** Attempts in all, the first one included. Minimum: 1. @default 3 */
  readonly maxAttempts?: number;
  /** How the delays between attempts grow. */
  readonly backoff?: {
    /** The delay after the first attempt. @default '100ms' */
    readonly first?: Duration;
    /** No delay is ever longer, jitter included. @default '30s' */
    readonly max?: Duration;
    /** Each delay is this many times the one before. Minimum: 1. @default 2 */
    readonly factor?: number;
    /** As for restarts. @default 'full' */
    readonly jitter?: Jitter;
  };
  /**
   * Whether another attempt is worth it. Not asked about an abort or an open breaker: those are never
   * tried again.
   *
   * @default every error is
   */
  readonly retryable?: (error: unknown) => boolean;
}

export interface BreakerOptions {
  /**
   * Opens after so many failures: in a row, or with a `window` of time within that. Minimum: 1.
   *
   * @default 5, unless there is a failureRate
   */
  readonly failures?: number;
  /** Opens when this share of the calls in the window has failed: above 0, at most 1. @default off */
  readonly failureRate?: number;
  /**
   * What is counted: the calls of the last so many milliseconds, or, for a `failureRate`, of the last
   * so many calls.
   *
   * @default for failures: those in a row; for a failureRate: '1m'
   */
  readonly window?: Duration | { readonly calls: number };
  /** A `failureRate` says nothing before so many calls. Minimum: 1. @default 10 */
  readonly minimumCalls?: number;
  /** How long it stays open before it lets a probe through. @default '1m' */
  readonly recovery?: Duration;
  /** How many probes may be under way at a time while it is half open. Minimum: 1. @default 1 */
  readonly probes?: number;
  /** How many probes have to succeed before it closes. Minimum: 1. @default 1 */
  readonly successThreshold?: number;
  /** A probe that takes longer has failed, whatever comes of it later. @default as recovery */
  readonly probeWithin?: Duration;
  /**
   * Whether an error says that the other side is in trouble. One that is not counts as a success: an
   * answer came. Not asked about aborts, which do not count at all.
   *
   * @default every error does
   */
  readonly isFailure?: (error: unknown) => boolean;
}

export interface BulkheadOptions {
  /**
   * How many attempts may be under way at a time. One that was given up counts until its function has
   * come to an end, or its incarnation has. Minimum: 1.
   */
  readonly concurrency: number;
  /** How many may wait for a place. Minimum: 0. @default 0 */
  readonly queue?: number;
}

export interface RateLimitOptions {
  /** How many attempts may begin in any span of `per`. Minimum: 1. */
  readonly limit: number;
  /** Above 0. */
  readonly per: Duration;
  /** Who would wait longer for a turn is refused at once; 0: nobody waits. @default '10s' */
  readonly maxWait?: Duration | 'infinity';
}
