import type { BackoffPolicy } from '../../../actors/rules/backoff.ts';
import type { TripRule } from '../../../actors/rules/breaker-tally.ts';

/** A policy as it is run: validated, every default filled in, times in milliseconds. */
export interface PolicySpec {
  readonly name: string;
  /** Infinity: no limit. */
  readonly attemptMs: number;
  readonly totalMs: number;
  readonly retry: RetrySpec | undefined;
  readonly breaker: BreakerSpec | undefined;
  readonly bulkhead: BulkheadSpec | undefined;
  readonly rateLimit: RateLimitSpec | undefined;
  readonly fallback: ((error: unknown) => unknown) | undefined;
}

export interface RetrySpec {
  readonly maxAttempts: number;
  readonly backoff: Omit<BackoffPolicy, 'resetAfterMs'>;
  readonly retryable: (error: unknown) => boolean;
}

export interface BreakerSpec {
  readonly trip: TripRule;
  readonly recoveryMs: number;
  readonly probes: number;
  readonly successThreshold: number;
  readonly probeWithinMs: number;
  readonly isFailure: (error: unknown) => boolean;
}

export interface BulkheadSpec {
  readonly concurrency: number;
  readonly queue: number;
}

export interface RateLimitSpec {
  readonly limit: number;
  readonly perMs: number;
  readonly maxWaitMs: number;
}
