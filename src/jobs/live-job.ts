import type { JobTrigger } from '../define/jobs.ts';
import type { Transaction, TransactionOptions } from '../define/storage.ts';
import type { Claimed } from '../services/engine/job-rows.ts';
import type { ProgressReport } from '../services/tasks/types.ts';
import { type Work, WorkContext } from '../services/work-context.ts';
import type { JobFacts } from './errors.ts';
import { JobScope } from './job-scope.ts';
import type { ProgressLog } from './progress-log.ts';
import type { Shop } from './shop.ts';

/** What a job takes from the attempt that it is given to. */
export interface JobHost extends Work {
  readonly facts: JobFacts;
  readonly claim: Claimed;
  readonly shop: Shop;
  readonly progress: ProgressLog;
  readonly failAlone: (error: unknown) => void;
  transact<Result>(
    fn: (tx: Transaction) => Result | Promise<Result>,
    options: TransactionOptions | undefined,
  ): Promise<Result>;
}

const notOfJobs = ['attempt', 'beat', 'health', 'input', 'needs', 'ready', 'spawn'];

/** What a handler is given. Made for each attempt; parts of it when first used. */
export class LiveJob extends WorkContext {
  readonly #host: JobHost;
  #scope: JobScope | undefined;
  readonly payload: unknown;

  constructor(host: JobHost, payload: unknown) {
    super(host);
    this.#host = host;
    this.payload = payload;
  }

  static {
    WorkContext.narrow(LiveJob.prototype, notOfJobs);
  }

  get id(): string {
    return this.#host.facts.id;
  }

  get queue(): string {
    return this.#host.facts.queue;
  }

  get attempt(): number {
    return this.#host.facts.attempt;
  }

  get maxAttempts(): number {
    return this.#host.claim.maxAttempts;
  }

  get workspaceId(): string | undefined {
    return this.#host.claim.workspaceId ?? undefined;
  }

  get trigger(): JobTrigger {
    return this.#host.claim.trigger;
  }

  get addedAt(): number {
    return this.#host.claim.addedAt;
  }

  get needs(): object {
    return this.#ownScope.needs;
  }

  override use<Value>(value: Value, dispose?: (value: Value) => unknown): Value {
    // It was made per job: then it is disposed of already.
    if (!this.#ownScope.adopt(value) && dispose === undefined) return value;
    return super.use(value, dispose);
  }

  progress(report: ProgressReport): void {
    this.#assertOpen('progress');
    this.#host.progress.note(report);
  }

  async transaction<Result>(
    fn: (tx: Transaction) => Result | Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result> {
    this.#assertOpen('transaction');
    return await this.#host.transact(fn, options);
  }

  fail(error: unknown): void {
    this.#assertOpen('fail');
    this.#host.failAlone(error);
  }

  get #ownScope(): JobScope {
    const { facts, shop, life } = this.#host;
    this.#scope ??= new JobScope(facts, this, shop.base.needs, shop.factories, life);
    return this.#scope;
  }

  #assertOpen(what: string): void {
    if (this.#host.life.isOver) throw this.#host.stale(what);
  }
}
