import type { Duration } from '../../actors/rules/duration.ts';
import type { ErrorInfo } from '../events.ts';
import type { JobProgress } from '../happenings/jobs.ts';
import type { AnyQueue, Queue } from './queue.ts';

/**
 * Where a job is. The last three are ends.
 *
 * ```
 *  added ──▶ scheduled ─due─▶ ready ─claimed─▶ active ──▶ completed | dead | cancelled
 *                 ▲            │ ▲ ▲              │ │
 *                 │   key full ▼ │ └── released ──┘ │
 *                 │            held                 │
 *                 └───────────── retry ─────────────┘
 * ```
 */
export type JobState =
  /** Its time has not come: it was delayed, or its next attempt is. */
  | 'scheduled'
  /** It may be claimed. */
  | 'ready'
  /** It would be ready, but others with its key come first. */
  | 'held'
  /** A worker has claimed it, and holds a lease on it. */
  | 'active'
  | 'completed'
  /** It will not be tried again by itself; the reason and the error are kept. */
  | 'dead'
  | 'cancelled';

/** Why a job is dead. */
export type DeathReason =
  /** Its last attempt failed. */
  | 'exhausted'
  /** An attempt failed in a way that another could not mend: `NotRetryable`. */
  | 'not-retryable'
  /** Whoever ran its last attempt vanished. */
  | 'lost'
  /** Its payload is not what its queue takes, or no longer. */
  | 'invalid-payload';

/** What made a job. */
export type JobTrigger = 'enqueue' | 'schedule' | 'pipeline' | 'redrive';

/** How one job is added. */
export interface EnqueueOptions {
  /** The higher goes first; within one, first come, first served. A whole number. @default 0 */
  readonly priority?: number;
  /** Not before this time has passed. Not together with `at`. @default at once */
  readonly delay?: Duration;
  /** Not before this moment: a Date, or milliseconds since the epoch. @default at once */
  readonly at?: Date | number;
  /** What the `perKey` of the queue counts by, such as the id of a customer. @default none */
  readonly key?: string;
  /**
   * A second job of the queue with the same one is not added as long as the first is known: until it
   * is over, and for as long as `keep` says. @default none
   */
  readonly idempotencyKey?: string;
  /**
   * Whom it is for: on every line of its log. @default that of the job that adds it; null: none
   */
  readonly workspaceId?: string | null;
  /** Attempts in all, the first included. @default that of the queue */
  readonly maxAttempts?: number;
}

/** A job of a list, with options that go before those of the list. */
export interface NewJobOptions<Payload> extends EnqueueOptions {
  readonly payload: Payload;
}

export interface Enqueued {
  readonly id: string;
  /** false: a job with this `idempotencyKey` is there already, and this is its id. */
  readonly isNew: boolean;
}

/** What is known of a job: a picture of the moment. Times in milliseconds since the epoch. */
export interface JobView<Payload = unknown, Result = unknown> {
  readonly id: string;
  readonly queue: string;
  readonly state: JobState;
  /** As it was added: no schema has looked at it. */
  readonly payload: Payload;
  readonly priority: number;
  readonly key: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly workspaceId: string | undefined;
  readonly trigger: JobTrigger;
  /** Attempts that have begun; those that were given back unharmed do not count. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly addedAt: number;
  /** When a scheduled one may be claimed. */
  readonly dueAt: number | undefined;
  /** When its latest attempt began. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Who runs it: host, process and path. */
  readonly holder: string | undefined;
  /** It runs, and was asked to stop. */
  readonly isCancelling: boolean;
  /** What its latest attempt reported last. */
  readonly progress: JobProgress | undefined;
  /** Of a completed one. */
  readonly result: Result | undefined;
  /** What its last attempt that failed threw. */
  readonly error: ErrorInfo | undefined;
  /** Of a dead one. */
  readonly reason: DeathReason | undefined;
}

/** How a job ended. */
export type JobOutcome<Result = unknown> =
  | { readonly state: 'completed'; readonly result: Result | undefined }
  | { readonly state: 'dead'; readonly reason: DeathReason; readonly error: ErrorInfo | undefined }
  | { readonly state: 'cancelled'; readonly error: ErrorInfo | undefined };

/** What became of a wish to call a job off. */
export type CancelResult =
  /** It was waiting, and will not run. */
  | 'cancelled'
  /** It runs: its signal is cancelled, at once in this process, with the next renewal in another. */
  | 'cancelling'
  | 'over'
  | 'unknown';

/** How a queue is doing. */
export interface QueueCounts {
  readonly queue: string;
  readonly isPaused: boolean;
  readonly states: Readonly<Record<JobState, number>>;
  /** How long the oldest of those that are ready waits, in milliseconds; null: none is. */
  readonly oldestReadyMs: number | null;
  /** Ended within the last minute and still kept. */
  readonly completedLastMinute: number;
  readonly deadLastMinute: number;
}

export interface JobListOptions {
  /** Jobs at most, from 1 to 1,000. @default 100 */
  readonly limit?: number;
  /** How many to pass over. @default 0 */
  readonly offset?: number;
}

export interface RedriveOptions {
  /** Which ones. @default all, the longest dead first */
  readonly ids?: readonly string[];
  /** How many at most, from 1 to 10,000. @default 1000 */
  readonly limit?: number;
}

export interface JobWaitOptions {
  /** How long to wait for its end. @default '30s' */
  readonly within?: Duration | 'infinity';
}

/**
 * Durable jobs, in the storage of the system: `ctx.jobs`, and `system.jobs` for code outside the
 * tree. A call that has resolved survives a crash of the process. All calls reject with
 * `DARUMA_STALE_INCARNATION` once the incarnation is over, and with a `DARUMA_STORAGE_*` when the
 * storage does not work.
 */
export interface Jobs extends Enqueuer {
  /**
   * Adds all or none, in the order of the list.
   *
   * @param options of all of them; those of an entry go first
   */
  enqueueMany<Payload>(
    queue: Queue<Payload, unknown>,
    jobs: readonly NewJobOptions<NoInfer<Payload>>[],
    options?: Omit<EnqueueOptions, 'idempotencyKey'>,
  ): Promise<Enqueued[]>;
  /** undefined: there is none, or it is known no longer. */
  get<Payload, Result>(
    queue: Queue<Payload, unknown, Result> | string,
    id: string,
  ): Promise<JobView<Payload, Result> | undefined>;
  /**
   * Resolves with how a job ended, in whatever process it runs; also when it has ended already.
   *
   * @throws `DARUMA_NOT_FOUND` when there is none or it is known no longer; `DARUMA_ASK_TIMEOUT` when
   * it has not ended within the limit, and goes on; `DARUMA_CANCELLED` when this incarnation ends
   */
  wait<Payload, Result>(
    queue: Queue<Payload, unknown, Result> | string,
    id: string,
    options?: JobWaitOptions,
  ): Promise<JobOutcome<Result>>;
  /** Calls a job off. */
  cancel(queue: AnyQueue | string, id: string): Promise<CancelResult>;
  /** Nothing more is claimed by any process until `resume`. What runs goes on. */
  pause(queue: AnyQueue | string): Promise<void>;
  resume(queue: AnyQueue | string): Promise<void>;
  /** Of one queue; or of all that have jobs or are paused, by name. */
  counts(queue: AnyQueue | string): Promise<QueueCounts>;
  counts(): Promise<QueueCounts[]>;
  /** Those that wait in the order in which they come; those that are over, the latest first. */
  list<Payload, Result>(
    queue: Queue<Payload, unknown, Result> | string,
    state: JobState,
    options?: JobListOptions,
  ): Promise<JobView<Payload, Result>[]>;
  /** Makes dead jobs ready again, as if never tried, under their old ids. Returns those ids. */
  redrive(queue: AnyQueue | string, options?: RedriveOptions): Promise<string[]>;
  /** Forgets dead jobs. Returns how many there were. */
  discard(queue: AnyQueue | string, ids: string | readonly string[]): Promise<number>;
}

/** Adds jobs. */
export interface Enqueuer {
  /**
   * Adds a job. The payload is what JSON can say, and fits the schema of the queue.
   *
   * @throws `DARUMA_INVALID_PAYLOAD`; `DARUMA_VALUE_TOO_LARGE`; `DARUMA_INVALID_OPTION`;
   * `DARUMA_INVALID_QUEUE`: then nothing was added
   */
  enqueue<Payload>(
    queue: Queue<Payload, unknown>,
    ...rest: EnqueueArguments<Payload>
  ): Promise<Enqueued>;
}

/** The payload may be left out where it may be undefined. */
export type EnqueueArguments<Payload> = undefined extends Payload
  ? [payload?: Payload, options?: EnqueueOptions]
  : [payload: Payload, options?: EnqueueOptions];
