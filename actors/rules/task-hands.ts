import type { BackoffPolicy } from './backoff.ts';

/** Where a task is. The last four are terminal: nothing changes any more. */
export type TaskState =
  | 'pending'
  | 'running'
  | 'backoff'
  | 'stopping'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'abandoned';

/** Milliseconds throughout; Infinity means no limit. */
export interface TaskPolicy {
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  /** What one attempt may take, from its begin. */
  readonly timeoutMs: number;
  /** What an attempt that was asked to stop may take to end. */
  readonly cancelWithinMs: number;
  readonly backoff: BackoffPolicy;
}

export type TaskEvent =
  // from its worker
  | { type: 'begin' }
  /** `limitMs`: what its end may take. */
  | { type: 'cancel'; limitMs: number }
  /** Nobody can wait any more: its worker was given up. */
  | { type: 'abandon' }
  // from its function
  /** What it left to others has failed, and its signal was cancelled. */
  | { type: 'failing' }
  | { type: 'returned'; result: unknown; isObedient: boolean }
  | {
      type: 'threw';
      error: unknown;
      isObedient: boolean;
      /** Another attempt could end better. */
      isRetryable: boolean;
      /** In [0, 1): for the jitter of the delay before it. */
      random: number;
    };

/** What its worker learns, once the new state is visible. */
export interface TaskNews {
  readonly type: 'task';
  readonly status: TaskState;
}

/** What a task can have done. */
export interface TaskHands {
  /** Begin an attempt: call its function. */
  launch(): void;
  /** Cancel the signal of the attempt: it was asked to stop. */
  cancel(): void;
  /** Cancel the signal of the attempt: it took too long. */
  expire(): void;
  /** Fence the attempt off: whatever it still reports is ignored. */
  abandon(): void;
}

/**
 * Whether an attempt that ended after it was asked to stop has obeyed. One that never looked at its
 * signal cannot have: how it ended is its own doing. One that watches it and returns nothing, or
 * throws, stopped because it was asked to; a result is a result.
 */
export function hasObeyed(isWatching: boolean, hasThrown: boolean, result: unknown): boolean {
  return isWatching && (hasThrown || result === undefined);
}
