import type { Transaction, TransactionOptions } from '../define/storage.ts';
import { isDarumaError } from '../errors.ts';
import type { LiveStorage } from '../services/storage/live-storage.ts';
import type { Enclosure } from '../services/storage/run-transaction.ts';
import { alreadyCompletedError } from './errors.ts';
import type { JobHost } from './live-job.ts';
import type { Settler } from './settler.ts';

type Transacted<Result> = (tx: Transaction) => Result | Promise<Result>;

export interface CommitNews {
  /** The job is completed, and what was written with that is there. */
  committed(): void;
  /** Somebody else may have the job: nothing is stored. */
  stale(): void;
}

/** The transaction that completes a job, once. */
export class Commit {
  readonly #host: JobHost;
  readonly #settler: Settler;
  readonly #news: CommitNews;
  #isUnderWay = false;
  #isDone = false;

  constructor(host: JobHost, settler: Settler, news: CommitNews) {
    this.#host = host;
    this.#settler = settler;
    this.#news = news;
  }

  /** Whether the job is completed is being decided by the storage. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  async run<Result>(fn: Transacted<Result>, options?: TransactionOptions): Promise<Result> {
    const committing = this.#commit(fn, options);
    // Nobody may call the attempt over before it is known what came of it.
    this.#host.life.cleanup.waitFor(() => committing.catch(() => {}));
    return await committing;
  }

  async #commit<Result>(fn: Transacted<Result>, options?: TransactionOptions): Promise<Result> {
    const storage = this.#host.base.storage as LiveStorage;
    const once = (tx: Transaction) => {
      if (this.#isDone) throw alreadyCompletedError(this.#host.facts);
      return fn(tx);
    };
    try {
      const result = await storage.transact(once, options, (value) => this.#enclosureOf(value));
      this.#isDone = true;
      this.#news.committed();
      return result;
    } catch (error) {
      this.#isUnderWay = false;
      const isStale = isDarumaError(error) && error.code === 'DARUMA_STALE_CLAIM';
      if (isStale && !this.#isDone) this.#news.stale();
      throw error;
    } finally {
      this.#isUnderWay = false;
    }
  }

  /** What makes it one with the completion of the job. */
  #enclosureOf(result: unknown): Enclosure {
    this.#isUnderWay = true;
    const { id, fence } = this.#host.claim;
    return {
      before: [['jobs.expect', { id, fence }]],
      after: [this.#settler.stepOf({ type: 'completed', result })],
    };
  }
}
