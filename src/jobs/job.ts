import type { Logger } from 'pino';
import type { Context } from '../define/context.ts';
import type { JobTrigger } from '../define/jobs.ts';
import type { NeedValues } from '../define/needs.ts';
import type { Transaction, TransactionOptions } from '../define/storage.ts';
import type { ProgressReport } from '../services/tasks/types.ts';

/** Parts of the context of a service that a job does not have. */
type NotOfJobs = 'attempt' | 'beat' | 'health' | 'input' | 'needs' | 'ready' | 'spawn';

/**
 * What a handler is given, one for each attempt: the context of its worker, with a signal, a cleanup,
 * a logger and needs of its own. It is revoked when the attempt is over.
 */
export interface Job<
  Payload = unknown,
  Declared = unknown,
  Config = unknown,
  Scope = Record<never, never>,
> extends Omit<Context<Declared, Config>, NotOfJobs> {
  readonly id: string;
  /** The name of its queue. */
  readonly queue: string;
  readonly payload: Payload;
  /** Whom it is for. */
  readonly workspaceId: string | undefined;
  /** What made it. */
  readonly trigger: JobTrigger;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** When it was added, in milliseconds since the epoch. */
  readonly addedAt: number;
  /**
   * Cancelled when the job is called off, takes longer than its timeout, its worker stops or its
   * lease is lost; and when the attempt is over. Made when it is first touched. A handler that never
   * touches it, and does not use `sleep`, counts as one that cannot have obeyed.
   */
  readonly signal: AbortSignal;
  /** A child logger bound to `{ actor, incarnation, job, queue, workspaceId, attempt }`. */
  readonly log: Logger;
  /**
   * What its worker needs, and what `perJob` makes for this job alone when it is first touched. Of
   * two with the same name it is that of the job.
   */
  readonly needs: ScopedNeeds<Declared, Scope>;
  /** Says how far it is: stored, and told in events, ten times a second at most. */
  progress(report: ProgressReport): void;
  /**
   * Reads and writes as one, together with the completion of the job: when this resolves the job is
   * completed, with what `fn` returned as its result, and either all of that counts or nothing. Call
   * it once, at the end.
   *
   * @throws what `storage.transaction` throws; `DARUMA_STALE_CLAIM` when the lease was lost: then
   * nothing was written
   */
  transaction<Result>(
    fn: (tx: Transaction) => Result | Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>;
}

/** A job of a batch. */
export interface BatchJob<
  Payload = unknown,
  Declared = unknown,
  Config = unknown,
  Scope = Record<never, never>,
> extends Job<Payload, Declared, Config, Scope> {
  /** This one has failed, whatever becomes of the others. The first error counts. */
  fail(error: unknown): void;
}

// biome-ignore lint/suspicious/noExplicitAny: the job of any queue, where nobody knows of which.
export type AnyJob = Job<any, any, any, any>;

/** Makes something for one job. `needs` is what its worker needs, without what is made per job. */
// biome-ignore lint/suspicious/noExplicitAny: each takes the job of its own worker.
export type ScopeFactories = Readonly<Record<string, (job: any, needs: any) => unknown>>;

/** What a job needs: of two with the same name, that of the job. */
export type ScopedNeeds<Declared, Scope> = Omit<NeedValues<Declared>, keyof Scope> &
  Readonly<Scope>;
