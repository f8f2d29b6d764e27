import type { AnyActor } from 'xstate';
import type {
  AttemptEvent,
  AttemptFailure,
  AttemptHands,
  AttemptOutcome,
  Cause,
  FinalFault,
} from '../../actors/rules/job-hands.ts';
import { hasObeyed } from '../../actors/rules/task-hands.ts';
import type { Transaction, TransactionOptions } from '../define/storage.ts';
import type { Happening } from '../events.ts';
import type { Backstage } from '../kernel/backstage.ts';
import { threwNothing } from '../kernel/failures.ts';
import type { Blame } from '../kernel/kernel.ts';
import type { LiveContext } from '../kernel/live-context.ts';
import type { Claimed, Settled } from '../services/engine/job-rows.ts';
import { Lifeline } from '../services/lifeline.ts';
import { Commit } from './commit.ts';
import type { Performance } from './current-job.ts';
import {
  type JobFacts,
  jobCancelledError,
  jobOverError,
  jobTimeoutError,
  staleJobError,
  unclosedError,
} from './errors.ts';
import type { JobHost } from './live-job.ts';
import { ProgressLog } from './progress-log.ts';
import type { Running } from './roster.ts';
import { endOf, faultOf, retryDelayOf } from './settlement.ts';
import { Settler } from './settler.ts';
import type { Shop } from './shop.ts';
import { Voice } from './voice.ts';

/**
 * One claim of one job: does what its chart decides.
 *
 * 1. It reports the end of the handler once; once it is fenced off, nothing at all.
 * 2. Its signal is cancelled on every exit, where somebody looked at it.
 * 3. It stores at most one outcome, and none once its lease is lost.
 */
export class JobLife implements AttemptHands, JobHost, Running, Blame {
  readonly shop: Shop;
  readonly base: LiveContext;
  readonly backstage: Backstage;
  readonly claim: Claimed;
  readonly facts: JobFacts;
  readonly life: Lifeline;
  /** What is called in its name is called for its job, as soon as there is one. */
  errand: Performance | undefined;
  /** On the monotonic clock: until then nobody else can have it. */
  leaseUntil: number;
  /** Tells whether whoever called the handler was watching for an end. */
  isWatched = (): boolean => this.life.isWatched;
  /** This one of a batch has failed, whatever becomes of the others. */
  failAlone = (_error: unknown): void => {
    throw new TypeError('job.fail() is for a batch of jobs: here, throw the error.');
  };
  readonly #voice: Voice;
  readonly progress: ProgressLog;
  readonly #settler: Settler;
  readonly #commit: Commit;
  #actor: AnyActor | undefined;
  #hasEnded = false;
  #isLost = false;

  constructor(shop: Shop, claim: Claimed, leaseUntil: number) {
    const { base, backstage, queue } = shop;
    const { clock } = backstage;
    const { id, fence, attempt } = claim;
    this.shop = shop;
    this.base = base;
    this.backstage = backstage;
    this.claim = claim;
    this.facts = { path: backstage.path, queue: queue.name, id, attempt };
    this.leaseUntil = leaseUntil;
    this.#voice = new Voice(this.facts, claim, backstage);
    this.life = new Lifeline(clock, (call) => this.attribute(call));
    this.progress = new ProgressLog(clock, (progress, told) => {
      // One that gets lost is followed by another.
      shop.submit([['jobs.progress', { id, fence, progress }]]).catch(() => {});
      this.#voice.say({ status: 'progress', ...told });
    });
    this.#settler = new Settler(shop, claim, this.progress, (problem) =>
      this.#voice.resultLost(problem),
    );
    this.#commit = new Commit(this, this.#settler, {
      committed: () => {
        this.#tell({ type: 'committed' });
        this.#voice.over({ status: 'completed' });
      },
      stale: () => this.lose(),
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
    this.#voice.started();
  }

  callOff(): void {
    this.#tell({ type: 'cancel', cause: 'cancelled' });
  }

  /** Its worker ends. */
  stop(): void {
    this.#tell({ type: 'cancel', cause: 'stopping' });
  }

  /** Whether it counts is being decided by the storage, whatever its lease says. */
  get isCommitting(): boolean {
    return this.#commit.isUnderWay;
  }

  /** Somebody else may have it by now. */
  lose(): void {
    if (!this.isCommitting) this.#tell({ type: 'cancel', cause: 'lost' });
  }

  /** Its worker was given up: at once, before nothing counts any more. */
  abandon(): void {
    if (this.#actor) this.backstage.tellAtOnce(this.#actor, { type: 'abandon' });
  }

  /** What it still does does not count. */
  noteLost(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#voice.over({ status: 'lost' });
  }

  // For whoever calls the handler.

  /** Its payload is in order, and it is its turn: in time, or it is lost. Says whether it begins. */
  begin(): boolean {
    // The event loop may have stood still since it was claimed.
    const isInTime = this.leaseUntil > this.backstage.clock.monotonic();
    this.#tell(isInTime ? { type: 'begin' } : { type: 'cancel', cause: 'lost' });
    return isInTime;
  }

  /** It was asked to end. */
  get isAsked(): boolean {
    return this.life.isCancelled || this.#hasEnded;
  }

  returned(result: unknown): void {
    const isObedient = hasObeyed(this.isWatched(), false, result);
    this.#end({ type: 'returned', result, isObedient });
  }

  /** @param fault why another attempt is of no use, if it is not */
  threw(error: unknown, fault: FinalFault | undefined = faultOf(error)): void {
    if (this.#commit.isDone) this.fail(error);
    const isObedient = hasObeyed(this.isWatched(), true, undefined);
    this.#end({ type: 'threw', error, isObedient, fault });
  }

  /** Calls its handler in its name, and in its span. */
  trace<Result>(call: () => Result): Result {
    return this.#voice.trace(call);
  }

  attribute<Result>(call: () => Result): Result {
    return this.backstage.kernel.attribute(this, call);
  }

  /** Something that it left to others, such as a handler of the bus, has failed: so has it. */
  failFor(thrown: unknown): void {
    const error = thrown ?? threwNothing('handler');
    if (this.isAsked || this.#commit.isDone) return this.fail(error);
    this.#tell({ type: 'fail', failure: { error, fault: faultOf(error) } });
  }

  /** An error that reached the process from code that it left running: nobody else suffers. */
  fail(error: unknown): void {
    this.#voice.stray(error);
  }

  // For its chart.

  launch(): void {
    this.#post(() => this.shop.call(this));
  }

  cancel(cause: Cause): void {
    if (cause === 'lost') this.#post(() => this.noteLost());
    const reason = jobCancelledError(this.facts, cause);
    this.#post(() => this.life.cancel(reason));
  }

  expire(): unknown {
    const reason = jobTimeoutError(this.facts, this.shop.queue.spec.timeoutMs);
    this.#post(() => this.life.cancel(reason));
    return reason;
  }

  giveUp({ error }: AttemptFailure): void {
    const reason = error instanceof Error ? error : jobCancelledError(this.facts, 'failing');
    this.#post(() => this.life.cancel(reason));
  }

  fence(): void {
    this.#hasEnded = true;
    this.life.cancel(() => jobOverError(this.facts));
    this.life.end();
    this.progress.close();
  }

  close(): void {
    this.#post(() => {
      // What it left running and passed the signal to ends too.
      this.life.cancel(() => jobOverError(this.facts));
      if (this.life.cleanup.isEmpty) return this.#closed([]);
      const closing = this.life.cleanup.run((call) => this.attribute(call));
      void closing.then((errors) => this.#closed(errors));
    });
  }

  leaveOpen(): void {
    this.life.end();
    const { cancelWithinMs } = this.shop.queue.spec;
    this.#post(() => this.fail(unclosedError(this.facts, cancelWithinMs)));
  }

  settle(outcome: AttemptOutcome): void {
    const onStored = (state: Settled) => this.#stored(outcome, state);
    const onFailure = () => this.#tell({ type: 'notStored' });
    this.#post(() => this.#settler.store(outcome, onStored, onFailure));
  }

  retryDelay(error: unknown): number {
    const { spec } = this.shop.queue;
    return retryDelayOf(spec, this.facts.attempt, error, this.backstage.random());
  }

  // For its job.

  bindings(): Readonly<Record<string, unknown>> {
    const { id: job, queue, attempt } = this.facts;
    const { workspaceId } = this.claim;
    return { job, queue, ...(workspaceId !== null && { workspaceId }), attempt };
  }

  stale(what: string): Error {
    return staleJobError(this.facts, what);
  }

  record(happening: Happening): void {
    this.#voice.record(happening);
  }

  transact<Result>(
    fn: (tx: Transaction) => Result | Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result> {
    return this.#commit.run(fn, options);
  }

  #closed(errors: readonly unknown[]): void {
    this.life.end();
    for (const error of errors) this.fail(error);
    this.#tell({ type: 'closed' });
  }

  #stored(outcome: AttemptOutcome, state: Settled): void {
    if (state === null) {
      this.noteLost();
      return this.#tell({ type: 'refused' });
    }
    this.#voice.over(endOf(outcome, state));
    this.#tell({ type: 'stored' });
  }

  #end(event: AttemptEvent): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#tell(event);
  }

  #tell(event: AttemptEvent): void {
    if (this.#actor) this.backstage.tell(this.#actor, event);
  }

  #post(step: () => void): void {
    this.backstage.kernel.dispatcher.post(step);
  }
}
