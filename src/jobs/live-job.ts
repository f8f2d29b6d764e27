import type { Logger } from 'pino';
import type { Duration } from '../../actors/rules/duration.ts';
import type { Bus } from '../define/bus.ts';
import type { Jobs, JobTrigger } from '../define/jobs.ts';
import type { Notify } from '../define/notify.ts';
import type { Storage, Transaction, TransactionOptions } from '../define/storage.ts';
import type { Happening } from '../events.ts';
import type { CleanupStep } from '../kernel/cleanup.ts';
import { toMs } from '../kernel/durations.ts';
import { Parts } from '../kernel/parts.ts';
import { type Scope, scopeKey } from '../kernel/scope.ts';
import type { Claimed } from '../services/engine/job-rows.ts';
import { inheritContext } from '../services/inherit-context.ts';
import type { Lifeline } from '../services/lifeline.ts';
import type { ProgressReport } from '../services/tasks/types.ts';
import { type JobFacts, staleJobError } from './errors.ts';
import { JobScope } from './job-scope.ts';
import type { ProgressLog } from './progress-log.ts';
import type { Shop } from './shop.ts';

/** What a job takes from the attempt that it is given to. */
export interface JobHost {
  readonly facts: JobFacts;
  readonly claim: Claimed;
  readonly life: Lifeline;
  readonly shop: Shop;
  readonly progress: ProgressLog;
  readonly failAlone: (error: unknown) => void;
  record(happening: Happening): void;
  attribute<Result>(call: () => Result): Result;
  transact<Result>(
    fn: (tx: Transaction) => Result | Promise<Result>,
    options: TransactionOptions | undefined,
  ): Promise<Result>;
}

const notOfJobs = ['attempt', 'beat', 'health', 'input', 'needs', 'ready', 'spawn'];
/** What says where it is, and acts for nobody. */
const harmless: ReadonlySet<string> = new Set(['path', 'incarnation', 'config', 'now', 'random']);

/** What a handler is given. Made for each attempt; parts of it when first used. */
export class LiveJob {
  readonly #host: JobHost;
  #scope: JobScope | undefined;
  #log: Logger | undefined;
  #parts: Parts | undefined;
  readonly payload: unknown;

  constructor(host: JobHost, payload: unknown) {
    this.#host = host;
    this.payload = payload;
  }

  static {
    // Whatever a job does not have of its own is its worker's, as long as the attempt lasts.
    inheritContext(LiveJob.prototype, notOfJobs, (job, name) => {
      if (job.#host.life.isOver && !harmless.has(name)) throw job.#stale(name);
      return job.#host.shop.base;
    });
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

  get signal(): AbortSignal {
    return this.#host.life.signal;
  }

  get log(): Logger {
    const { shop, facts, claim } = this.#host;
    const { id: job, queue, attempt } = facts;
    const whom = claim.workspaceId === null ? {} : { workspaceId: claim.workspaceId };
    this.#log ??= shop.base.log.child({ job, queue, ...whom, attempt });
    return this.#log;
  }

  get bus(): Bus {
    return this.#partOf('bus') as Bus;
  }

  get jobs(): Jobs {
    return this.#partOf('jobs') as Jobs;
  }

  get notify(): Notify {
    return this.#partOf('notify') as Notify;
  }

  get storage(): Storage {
    return this.#partOf('storage') as Storage;
  }

  get needs(): object {
    return this.#ownScope.needs;
  }

  sleep(duration: Duration): Promise<void> {
    return this.#host.life.sleep(toMs(duration));
  }

  use<Value>(value: Value, dispose?: (value: Value) => unknown): Value {
    // It was made per job: then it is disposed of already.
    if (!this.#ownScope.adopt(value) && dispose === undefined) return value;
    return this.#host.life.use(value, dispose, () => this.#stale('use'));
  }

  defer(step: CleanupStep): void {
    this.#host.life.defer(step, () => this.#stale('defer'));
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

  /** What is begun with this context, such as a call under a policy, ends with the attempt. */
  get [scopeKey](): Scope {
    const host = this.#host;
    const { life, shop } = host;
    const { path, incarnation, kernel } = shop.backstage;
    return {
      kernel,
      path,
      incarnation,
      get cancelReason() {
        return life.reason;
      },
      get isOver() {
        return life.isOver || shop.backstage.isOver;
      },
      onCancel: (callback) => life.onCancel(callback),
      defer: (step) => life.cleanup.add(step),
      waitFor: (wait) => life.cleanup.waitFor(wait),
      // A worker is drained when its jobs are over, and with them everything of theirs.
      drainFirst: () => {},
      fail: (error) => shop.backstage.fail(error),
      stale: (what) => this.#stale(what),
      record: (happening) => host.record(happening),
      attribute: (call) => host.attribute(call),
    };
  }

  /** What it holds ends with the attempt. */
  #partOf(name: string): unknown {
    this.#assertOpen(name);
    this.#parts ??= new Parts(this[scopeKey]);
    return this.#parts.of(name);
  }

  get #ownScope(): JobScope {
    const { facts, shop, life } = this.#host;
    this.#scope ??= new JobScope(facts, this, shop.base.needs, shop.factories, life);
    return this.#scope;
  }

  #assertOpen(what: string): void {
    if (this.#host.life.isOver) throw this.#stale(what);
  }

  #stale(what: string): Error {
    return staleJobError(this.#host.facts, what);
  }
}
