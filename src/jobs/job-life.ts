import type { AnyActor } from 'xstate';
import { backoffDelay } from '../../actors/rules/backoff.ts';
import type {
  AttemptEvent,
  AttemptHands,
  AttemptOutcome,
  Cause,
  FinalFault,
} from '../../actors/rules/job-hands.ts';
import { hasObeyed } from '../../actors/rules/task-hands.ts';
import type { JobTrigger } from '../define/jobs.ts';
import type { Transaction, TransactionOptions } from '../define/storage.ts';
import { isDarumaError } from '../errors.ts';
import { errorInfo, type Happening } from '../events.ts';
import type { JobHappening } from '../happenings/jobs.ts';
import type { Blame, Kernel } from '../kernel/kernel.ts';
import type { LiveContext } from '../kernel/live-context.ts';
import type { Step } from '../services/engine/engine.ts';
import type { Claimed, Settled } from '../services/engine/job-rows.ts';
import { Lifeline } from '../services/lifeline.ts';
import { retryAfterMsOf } from '../services/resilience/retry.ts';
import type { LiveStorage } from '../services/storage/live-storage.ts';
import type { ProgressReport } from '../services/tasks/types.ts';
import {
  alreadyCompletedError,
  type JobFacts,
  jobCancelledError,
  jobOverError,
  jobTimeoutError,
  unclosedError,
} from './errors.ts';
import type { ScopeFactories } from './job.ts';
import type { JobHost } from './live-job.ts';
import { ProgressLog } from './progress-log.ts';
import type { Running } from './roster.ts';
import { resultText, settleStep } from './settlement.ts';
import type { Shop } from './shop.ts';

type Told = Partial<JobHappening & { type: 'job' }> & {
  readonly status: (JobHappening & { type: 'job' })['status'];
};

/**
 * One claim of one job: does what its chart decides.
 *
 * 1. It reports the end of the handler once; once it is fenced off, nothing at all.
 * 2. Its signal is cancelled on every exit, where somebody looked at it.
 * 3. It stores at most one outcome, and none once its lease is lost.
 */
export class JobLife implements AttemptHands, JobHost, Running, Blame {
  readonly #shop: Shop;
  readonly claim: Claimed;
  readonly facts: JobFacts;
  readonly life: Lifeline;
  /** On the monotonic clock: until then nobody else can have it. */
  leaseUntil: number;
  /** Tells whether whoever called the handler was watching for an end. */
  isWatched = (): boolean => this.life.isWatched;
  /** This one of a batch has failed, whatever becomes of the others. */
  failAlone = (_error: unknown): void => {
    throw new TypeError('job.fail() is for a batch of jobs: here, throw the error.');
  };
  readonly #startedAt: number;
  readonly #progress: ProgressLog;
  #actor: AnyActor | undefined;
  #hasEnded = false;
  #isCommitting = false;
  #isCommitted = false;
  #isLost = false;

  constructor(shop: Shop, claim: Claimed, leaseUntil: number) {
    const { backstage, queue } = shop;
    const { clock } = backstage;
    const { id, attempt } = claim;
    this.#shop = shop;
    this.claim = claim;
    this.facts = { path: backstage.path, queue: queue.name, id, attempt };
    this.leaseUntil = leaseUntil;
    this.#startedAt = clock.monotonic();
    this.life = new Lifeline(clock, (call) => this.attribute(call));
    this.#progress = new ProgressLog(clock, (progress, told) => {
      // A report that gets lost is followed by another.
      shop.submit([['jobs.progress', { ...this.#ref, progress }]]).catch(() => {});
      this.#say({ status: 'progress', ...told });
    });
  }

  get id(): string {
    return this.facts.id;
  }

  get queue(): string {
    return this.facts.queue;
  }

  // For its worker.

  employ(actor: AnyActor): void {
    this.#actor = actor;
    const waitedMs = Math.max(0, this.#shop.backstage.clock.now() - this.claim.readyAt);
    this.#say({ status: 'started', waitedMs });
  }

  callOff(): void {
    this.#tell({ type: 'cancel', cause: 'cancelled' });
  }

  /** Its worker ends. */
  stop(): void {
    this.#tell({ type: 'cancel', cause: 'stopping' });
  }

  /** Somebody else may have it by now. */
  lose(): void {
    // Then whether it counts is decided by the storage.
    if (!this.#isCommitting) this.#tell({ type: 'cancel', cause: 'lost' });
  }

  /** Its worker was given up: at once, before nothing counts any more. */
  giveUp(): void {
    const { backstage } = this.#shop;
    if (this.#actor) backstage.tellAtOnce(this.#actor, { type: 'abandon' });
  }

  // For whoever calls the handler.

  /** It was asked to end. */
  get isAsked(): boolean {
    return this.life.reason !== undefined || this.#hasEnded;
  }

  returned(result: unknown): void {
    const isObedient = hasObeyed(this.isWatched(), false, result);
    this.#end({ type: 'returned', result, isObedient });
  }

  /** @param fault why another attempt is of no use, if it is not */
  threw(error: unknown, fault: FinalFault | undefined): void {
    if (this.#isCommitted) this.fail(error);
    const isObedient = hasObeyed(this.isWatched(), true, undefined);
    this.#end({ type: 'threw', error, isObedient, fault });
  }

  /** It was asked to end before its handler was called. */
  neverCalled(): void {
    this.#end({ type: 'threw', error: this.life.reason, isObedient: true, fault: undefined });
  }

  attribute<Result>(call: () => Result): Result {
    return this.#shop.backstage.kernel.attribute(this, call);
  }

  /** An error that reached the process from code that it left running: nobody else suffers. */
  fail(error: unknown): void {
    this.record({ type: 'stray-error', error: errorInfo(error), job: this.id });
  }

  // For its chart.

  launch(): void {
    this.#post(() => this.#shop.launch(this));
  }

  cancel(cause: Cause): void {
    if (cause === 'lost') this.#noteLost();
    const reason = jobCancelledError(this.facts, cause);
    this.#post(() => this.life.cancel(reason));
  }

  expire(): unknown {
    const reason = jobTimeoutError(this.facts, this.#shop.queue.spec.timeoutMs);
    this.#post(() => this.life.cancel(reason));
    return reason;
  }

  fence(): void {
    this.#hasEnded = true;
    this.life.cancel(jobOverError(this.facts));
    this.life.end();
    this.#progress.close();
  }

  close(): void {
    this.#post(() => {
      // What it left running and passed the signal to ends too.
      this.life.cancel(jobOverError(this.facts));
      if (this.life.cleanup.isEmpty) return this.#closed([]);
      const closing = this.life.cleanup.run((call) => this.attribute(call));
      void closing.then((errors) => this.#closed(errors));
    });
  }

  leaveOpen(): void {
    this.life.end();
    const { cancelWithinMs } = this.#shop.queue.spec;
    this.#post(() => this.fail(unclosedError(this.facts, cancelWithinMs)));
  }

  settle(outcome: AttemptOutcome): void {
    this.#post(() => {
      const result = outcome.type === 'completed' ? this.#resultText(outcome.result) : null;
      const now = Math.floor(this.#shop.backstage.clock.now());
      const step = settleStep(this.#shop.queue, this.#ref, now, outcome, result);
      const progress = this.#progress.close();
      const steps: Step[] =
        progress === undefined ? [step] : [['jobs.progress', { ...this.#ref, progress }], step];
      this.#shop.submit(steps).then(
        (results) => this.#stored(outcome, results.at(-1) as Settled),
        () => this.#tell({ type: 'notStored' }),
      );
    });
  }

  retryDelay(error: unknown): number {
    const { queue, backstage } = this.#shop;
    const { backoff } = queue.spec;
    const delayMs = backoffDelay(backoff, this.facts.attempt - 1, backstage.random());
    return Math.ceil(Math.max(delayMs, retryAfterMsOf(error)));
  }

  // For its job.

  get kernel(): Kernel {
    return this.#shop.backstage.kernel;
  }

  get base(): LiveContext {
    return this.#shop.base;
  }

  get factories(): ScopeFactories {
    return this.#shop.factories;
  }

  get trigger(): JobTrigger {
    return this.claim.trigger;
  }

  get maxAttempts(): number {
    return this.claim.maxAttempts;
  }

  get workspaceId(): string | undefined {
    return this.claim.workspaceId ?? undefined;
  }

  get addedAt(): number {
    return this.claim.addedAt;
  }

  record(happening: Happening): void {
    this.#shop.backstage.record(happening);
  }

  note(report: ProgressReport): void {
    this.#progress.note(report);
  }

  async transact<Result>(
    fn: (tx: Transaction) => Result | Promise<Result>,
    options: TransactionOptions | undefined,
  ): Promise<Result> {
    const once = (tx: Transaction) => {
      if (this.#isCommitted) throw alreadyCompletedError(this.facts);
      return fn(tx);
    };
    const storage = this.base.storage as LiveStorage;
    const committing = storage.transact(once, options, (value) => this.#around(value));
    // Nobody may call the attempt over before it is known what came of it.
    this.life.cleanup.waitFor(() => committing.catch(() => {}));
    try {
      const result = await committing;
      this.#isCommitted = true;
      this.#tell({ type: 'committed' });
      this.#say({ status: 'completed', tookMs: this.#tookMs });
      return result;
    } catch (error) {
      this.#isCommitting = false;
      if (isDarumaError(error) && error.code === 'DARUMA_STALE_CLAIM' && !this.#isCommitted) {
        this.lose();
      }
      throw error;
    }
  }

  /** The steps that make it one with the completion of the job. */
  #around(value: unknown): { readonly before: readonly Step[]; readonly after: readonly Step[] } {
    this.#isCommitting = true;
    const now = Math.floor(this.#shop.backstage.clock.now());
    const outcome = { type: 'completed', result: value } as const;
    const text = this.#resultText(value);
    return {
      before: [['jobs.expect', this.#ref]],
      after: [settleStep(this.#shop.queue, this.#ref, now, outcome, text)],
    };
  }

  get #ref() {
    return { id: this.id, fence: this.claim.fence };
  }

  get #tookMs(): number {
    return this.#shop.backstage.clock.monotonic() - this.#startedAt;
  }

  #resultText(result: unknown): string | null {
    const kept = resultText(result, this.#shop.office.maxValueBytes);
    if ('problem' in kept) {
      const job = `Job ${this.id} of ${this.queue} is completed, but its result is not kept`;
      this.record({ type: 'hint', text: `${job}: ${kept.problem}.` });
    }
    return kept.text;
  }

  #closed(errors: readonly unknown[]): void {
    this.life.end();
    for (const error of errors) this.fail(error);
    this.#tell({ type: 'closed' });
  }

  #stored(outcome: AttemptOutcome, state: Settled): void {
    if (state === null) {
      this.#noteLost();
      return this.#tell({ type: 'cancel', cause: 'lost' });
    }
    const error = 'error' in outcome && outcome.error !== undefined ? outcome.error : undefined;
    const told = { tookMs: this.#tookMs, ...(error !== undefined && { error: errorInfo(error) }) };
    if (state === 'completed' || state === 'cancelled') this.#say({ status: state, ...told });
    else if (outcome.type === 'dead') {
      this.#say({ status: 'dead', reason: outcome.reason, ...told });
    } else if (outcome.type === 'retry') {
      this.#say({ status: 'retrying', delayMs: outcome.delayMs, ...told });
    } else this.#say({ status: 'released', ...told });
    this.#tell({ type: 'stored' });
  }

  #noteLost(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#post(() => this.#say({ status: 'lost', tookMs: this.#tookMs }));
  }

  #end(event: AttemptEvent): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#tell(event);
  }

  #say(told: Told): void {
    const { queue, id, attempt } = this.facts;
    const whom = this.workspaceId === undefined ? {} : { workspaceId: this.workspaceId };
    this.record({ type: 'job', queue, id, attempt, ...whom, ...told });
  }

  #tell(event: AttemptEvent): void {
    if (this.#actor) this.#shop.backstage.tell(this.#actor, event);
  }

  #post(step: () => void): void {
    this.#shop.backstage.kernel.dispatcher.post(step);
  }
}
