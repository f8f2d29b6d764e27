import type { DeathReason, JobState, JobTrigger, QueueCounts } from '../../define/jobs.ts';

export type { DeathReason, JobState, JobTrigger, QueueCounts };

/**
 * What durable jobs are to an engine: plain data, the same for every engine. Times are milliseconds
 * since the epoch, payloads and results are JSON.
 */

export interface NewJob {
  readonly id: string;
  readonly queue: string;
  readonly payload: string;
  /** The higher goes first; within one, first come, first served. */
  readonly priority: number;
  /** Not before. null: at once. */
  readonly dueAt: number | null;
  readonly key: string | null;
  /** A second job of the queue with this one is not added, as long as the first is known. */
  readonly idempotencyKey: string | null;
  readonly workspaceId: string | null;
  readonly trigger: JobTrigger;
  /** The W3C traceparent of whoever added it. */
  readonly traceparent: string | null;
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
}

export interface Added {
  /** Of the job that is there: an earlier one where its idempotency key was known. */
  readonly id: string;
  readonly isNew: boolean;
}

/** How many jobs with the same key may be active at once; `fifo`: one, and in the order of adding. */
export type PerKey = number | 'fifo' | null;

/** At most so many claims in any such time, all processes together. */
export interface ClaimRate {
  readonly max: number;
  readonly perMs: number;
}

export interface ClaimQuery {
  readonly queue: string;
  readonly now: number;
  /** Who claims: shown to people, no part of any decision. */
  readonly holder: string;
  readonly leaseMs: number;
  readonly limit: number;
  readonly perKey: PerKey;
  readonly rate: ClaimRate | null;
  /** For those that are found lost and out of attempts. null: for ever. */
  readonly keepDeadMs: number | null;
}

export interface Claimed {
  readonly id: string;
  readonly payload: string;
  readonly priority: number;
  readonly key: string | null;
  readonly workspaceId: string | null;
  readonly trigger: JobTrigger;
  readonly traceparent: string | null;
  /** From 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Of this claim alone: whoever comes with an older one is refused. Never goes down. */
  readonly fence: number;
  readonly addedAt: number;
  /** When it could have been claimed first. */
  readonly readyAt: number;
}

/** An attempt whose lease ran out: whoever had it is gone, or cut off. */
export interface LostAttempt {
  readonly id: string;
  readonly attempt: number;
  readonly state: 'ready' | 'dead' | 'cancelled';
}

export interface ClaimAnswer {
  /** The most urgent first. */
  readonly jobs: readonly Claimed[];
  readonly lost: readonly LostAttempt[];
  readonly isPaused: boolean;
  /**
   * When another claim could find something, if nothing else happens: a job comes due, a lease runs
   * out, the rate allows more. Never later than that, and where as many were found as were asked for,
   * it may be at once although there are no more; null: nothing is in sight.
   */
  readonly nextAt: number | null;
}

/** One claim of one job. */
export interface ClaimRef {
  readonly id: string;
  readonly fence: number;
}

/** What has become of a claim: still held, to be cancelled, or somebody else's or nobody's. */
export type Standing = 'held' | 'cancelling' | 'gone';

/** How an attempt ended. */
export type Settlement =
  | { readonly type: 'completed'; readonly result: string | null }
  /** Another attempt after the delay. */
  | { readonly type: 'retry'; readonly error: string; readonly delayMs: number }
  | { readonly type: 'dead'; readonly error: string; readonly reason: DeathReason }
  | { readonly type: 'cancelled'; readonly error: string | null }
  /** Given back unharmed, as whoever ran it stops: the attempt does not count. */
  | { readonly type: 'released' };

/** What became of a settlement: where the job is now. null: the claim was not current any more. */
export type Settled = JobState | null;

export type CancelAnswer =
  /** It will not run. */
  | 'cancelled'
  /** It runs: whoever runs it is told with its next renewal, at the latest. */
  | 'cancelling'
  | 'over'
  | 'unknown';

export interface JobRow {
  readonly id: string;
  readonly queue: string;
  readonly state: JobState;
  readonly payload: string;
  readonly priority: number;
  readonly key: string | null;
  readonly idempotencyKey: string | null;
  readonly workspaceId: string | null;
  readonly trigger: JobTrigger;
  readonly attempt: number;
  /** Of the last claim. */
  readonly fence: number;
  readonly maxAttempts: number;
  readonly addedAt: number;
  /** Of a scheduled one. */
  readonly dueAt: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly holder: string | null;
  readonly isCancelling: boolean;
  /** JSON of what was last reported. */
  readonly progress: string | null;
  readonly result: string | null;
  /** JSON: of the last attempt that failed. */
  readonly error: string | null;
  readonly reason: DeathReason | null;
}

export interface JobQuery {
  readonly queue: string;
  readonly state: JobState;
  /** How many to pass over. */
  readonly offset: number;
  readonly limit: number;
}
