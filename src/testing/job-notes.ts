import type { DeathReason, JobState } from '../define/jobs.ts';

/** Which job, or, without an id, which queue. */
interface OfJob {
  readonly type: 'job-kept';
  readonly queue: string;
  readonly id: string;
}

/** By the time of day of whoever asked for it, as leases are: milliseconds since the epoch. */
interface Dated extends OfJob {
  readonly now: number;
}

/** How long a job is known once it is over, in milliseconds; null: for ever. */
interface Ending {
  readonly keepMs: number | null;
}

/**
 * What really became of durable jobs in a simulated storage, also where nobody was told: what its
 * operations answered, in their order.
 */
export type JobNote =
  | (Dated & {
      readonly did: 'added';
      readonly key: string | null;
      readonly maxAttempts: number;
    })
  | (Dated & {
      readonly did: 'claimed';
      readonly fence: number;
      readonly attempt: number;
      readonly leaseUntil: number;
    })
  | (Dated & {
      readonly did: 'renewed';
      readonly fence: number;
      readonly leaseUntil: number;
    })
  /** `state` null: the claim was not current, and nothing changed. `writes`: entries beside it. */
  | (Dated &
      Ending & {
        readonly did: 'settled';
        readonly fence: number;
        readonly outcome: 'completed' | 'retry' | 'dead' | 'cancelled' | 'released';
        readonly state: JobState | null;
        readonly writes: number;
      })
  /** Its lease had run out; a claim of its queue has found that. */
  | (Dated & Ending & { readonly did: 'lost'; readonly attempt: number; readonly state: JobState })
  /** `isRunning`: whoever runs it is told. */
  | (Dated & Ending & { readonly did: 'cancelled'; readonly isRunning: boolean })
  | (Dated & { readonly did: 'redriven' })
  /** Where it was dead. */
  | (OfJob & { readonly did: 'discarded' })
  | (OfJob & { readonly did: 'paused' | 'resumed' })
  /**
   * Looked up after the process that used the storage was down or killed. null: it is not there.
   * `now`: when somebody has added or claimed last, and cleared away what may be forgotten.
   */
  | (Dated & {
      readonly did: 'found';
      readonly state: JobState | null;
      readonly attempt: number;
      readonly reason: DeathReason | null;
      readonly hasError: boolean;
    });

/** The handler of a job is called, and is over; each job of a batch by itself. */
export interface HandlerNote {
  readonly type: 'job-handler';
  readonly did: 'begun' | 'returned' | 'threw';
  readonly queue: string;
  readonly id: string;
  readonly attempt: number;
}
