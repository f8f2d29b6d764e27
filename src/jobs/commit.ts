import type { Transaction, TransactionOptions } from '../define/storage.ts';
import { isDarumaError } from '../errors.ts';
import type { LiveStorage } from '../services/storage/live-storage.ts';
import type { Enclosure } from '../services/storage/run-transaction.ts';
import { alreadyCompletedError, type JobFacts } from './errors.ts';

export interface CommitHost {
  /** What is stored with the transaction: the completion of the job. */
  enclose(result: unknown): Enclosure;
  /** Both are stored. */
  committed(): void;
  /** Somebody else may have the job: neither is stored. */
  stale(): void;
}

/** The transaction that completes a job, once. */
export class Commit {
  readonly #facts: JobFacts;
  readonly #host: CommitHost;
  #isUnderWay = false;
  #isDone = false;

  constructor(facts: JobFacts, host: CommitHost) {
    this.#facts = facts;
    this.#host = host;
  }

  /** Whether the job is completed is being decided by the storage. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  async run<Result>(
    storage: LiveStorage,
    fn: (tx: Transaction) => Result | Promise<Result>,
    options: TransactionOptions | undefined,
  ): Promise<Result> {
    const once = (tx: Transaction) => {
      if (this.#isDone) throw alreadyCompletedError(this.#facts);
      return fn(tx);
    };
    const enclose = (result: Result) => {
      this.#isUnderWay = true;
      return this.#host.enclose(result);
    };
    try {
      const result = await storage.transact(once, options, enclose);
      this.#isDone = true;
      this.#host.committed();
      return result;
    } catch (error) {
      this.#isUnderWay = false;
      const isStale = isDarumaError(error) && error.code === 'DARUMA_STALE_CLAIM';
      if (isStale && !this.#isDone) this.#host.stale();
      throw error;
    } finally {
      this.#isUnderWay = false;
    }
  }
}
