import type { AnyActor, SnapshotFrom } from 'xstate';
import type { RunEnd, ScheduleEvent, ScheduleHands } from '../../../actors/rules/schedule-hands.ts';
import {
  forgetAfterMs,
  type Ledger,
  type NumberedTick,
  type Opening,
  type Skip,
} from '../../../actors/rules/ticking.ts';
import { type ScheduleInput, scheduleMachine } from '../../../actors/schedule.ts';
import type { ScheduledRunOutput } from '../../../actors/scheduled-run.ts';
import { errorInfo } from '../../events.ts';
import { type Backstage, backstage } from '../../kernel/backstage.ts';
import type { LiveContext } from '../../kernel/live-context.ts';
import { tracerOf } from '../tracing/traced.ts';
import type { Origin } from '../tracing/tracer.ts';
import { scheduleFailedError } from './errors.ts';
import type { FinishedRun, RunResult } from './handle.ts';
import { type Memory, memoryOf, noteRun } from './memory.ts';
import { isOnWall, originOf, type SchedulePolicy } from './policy.ts';
import { type RunHost, RunLife } from './run-life.ts';
import { SharedTicks } from './shared-ticks.ts';
import { type Timing, timetableOf } from './timing.ts';
import { onWallJump } from './wall-watch.ts';

/** Whoever asked for a run by hand. */
interface Waiter {
  readonly resolve: (result: RunResult) => void;
  /** Where it asked, for the span of the run. */
  readonly origin: Origin | undefined;
}

export type ScheduleSnapshot = SnapshotFrom<typeof scheduleMachine>;

/**
 * One incarnation of a schedule: does what its chart decides.
 *
 * 1. No run begins once its end, or a drain, has begun.
 * 2. It ends when the last run under way has: what a run uses is there until then.
 * 3. Whoever asked for a run by hand gets an answer, whatever happens.
 */
export class ScheduleLife implements ScheduleHands, RunHost {
  readonly ctx: LiveContext;
  readonly backstage: Backstage;
  readonly policy: SchedulePolicy;
  readonly memory: Memory;
  readonly ticks: SharedTicks;
  readonly #timing: Timing;
  readonly #lives = new Map<number, RunLife>();
  readonly #waiters = new Map<number, Waiter>();
  #actor: AnyActor | undefined;
  #requests = 0;
  #lastError: unknown;
  #isDraining = false;
  #onIdle: (() => void) | undefined;

  constructor(ctx: LiveContext, policy: SchedulePolicy, timing: Timing) {
    this.ctx = ctx;
    this.backstage = backstage(ctx);
    this.policy = policy;
    this.#timing = timing;
    this.memory = memoryOf(this.backstage.node);
    this.ticks = new SharedTicks(this.backstage);
  }

  /** Resolves when nothing is due any more, or it was stopped, and the last run is over. */
  run(): Promise<void> {
    const { backstage, policy } = this;
    const timetable = timetableOf(this.#timing, policy.pace, originOf(policy, this.now()));
    const { isPaused } = this.memory;
    const { isShared } = policy;
    const opening = isShared ? this.#unknown() : this.#open(this.memory.dealtWith);
    const input: ScheduleInput = { hands: this, policy, timetable, isPaused, isShared, ...opening };
    const over = new Promise<void>((resolve) => {
      const actor = backstage.hire(scheduleMachine, {
        id: `${backstage.path}.schedule`,
        input,
        onChange: () => this.#lookWhetherIdle(),
        onEnd: (end) => {
          if (end.type === 'error') backstage.fail(end.error);
          resolve();
        },
      });
      this.#actor = actor;
      // It may have been over at once: its date had passed.
      if (actor.getSnapshot().status === 'done') resolve();
    });
    // Asked to when it was ready, but had not begun yet.
    if (this.#isDraining) this.tell({ type: 'drain' });
    const forget = isOnWall(policy)
      ? onWallJump(backstage.kernel, () => this.tell({ type: 'clockSet' }))
      : undefined;
    backstage.onCancel(() => {
      forget?.();
      this.tell({ type: 'stop' });
    });
    backstage.onAbandon(() => {
      for (const life of this.#lives.values()) life.giveUp();
    });
    backstage.defer(() => this.#answerAll());
    // However the body was ended, what its runs use is there until they are over.
    backstage.defer(() => (backstage.isOver ? undefined : over));
    return over;
  }

  /** Takes no more ticks in; resolves when no run is under way. */
  drain(): Promise<void> {
    this.#isDraining = true;
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.tell({ type: 'drain' });
      // Those that still ask whose their tick is: another replica has it, which does not stop.
      this.#post(() => {
        for (const life of this.#lives.values()) if (!life.hasStarted) life.end();
      });
      this.#lookWhetherIdle();
    });
  }

  // For its handle.

  /** Where its chart is; undefined while it does not run. */
  get snapshot(): ScheduleSnapshot | undefined {
    return this.isUp ? this.#actor?.getSnapshot() : undefined;
  }

  get isUp(): boolean {
    return !this.backstage.isCancelled && this.#actor?.getSnapshot().status === 'active';
  }

  tell(event: ScheduleEvent): void {
    if (this.#actor) this.backstage.tell(this.#actor, event);
  }

  /** Resolves when the run is over, or was not to be. */
  runNow(): Promise<RunResult> {
    const request = ++this.#requests;
    return new Promise((resolve) => {
      if (!this.isUp) return resolve({ status: 'skipped', why: 'closed' });
      const origin = tracerOf(this.backstage.kernel)?.here;
      this.#waiters.set(request, { resolve, origin });
      this.tell({ type: 'runNow', request });
    });
  }

  // For its chart.

  now(): number {
    const { clock } = this.backstage;
    return isOnWall(this.policy) ? clock.now() : clock.monotonic();
  }

  random(): number {
    return this.policy.jitterMs === 0 ? 0 : this.backstage.random();
  }

  recall(): void {
    const known = this.memory.dealtWith ?? Number.NEGATIVE_INFINITY;
    void this.ticks.last().then(
      (last) => {
        const latest = Math.max(known, last ?? Number.NEGATIVE_INFINITY);
        const { dealtWith } = this.#open(Number.isFinite(latest) ? latest : undefined);
        this.tell({ type: 'recalled', dealtWith });
      },
      () => this.tell({ type: 'unanswered' }),
    );
  }

  launch(tick: NumberedTick): void {
    this.#post(() => {
      // Asked to stop in between: it ends before it has begun.
      if (this.backstage.isCancelled) {
        return this.tell({ type: 'runEnded', run: tick.run, end: 'cancelled' });
      }
      const life = new RunLife(this, tick, this.now());
      this.#lives.set(tick.run, life);
      this.memory.runs = tick.run;
      life.begin();
    });
  }

  cancel(run: number): void {
    this.#post(() => this.#lives.get(run)?.end());
  }

  reportSkip({ why, count, due, request }: Skip): void {
    this.#post(() => {
      const counted = why === 'missed' || why === 'elsewhere' ? why : 'skipped';
      this.memory.counts[counted] += count;
      this.backstage.record({ type: 'schedule-skipped', why, count, due: due ?? null });
      if (request === undefined || why === 'paused' || why === 'elsewhere') return;
      this.#answer(request, { status: 'skipped', why });
    });
  }

  reportStatus(status: 'paused' | 'resumed' | 'reset'): void {
    this.#post(() => {
      if (status !== 'reset') this.memory.isPaused = status === 'paused';
      this.backstage.record({ type: 'schedule', status });
    });
  }

  giveUp(failures: number): void {
    const { backstage } = this;
    this.#post(() =>
      backstage.fail(scheduleFailedError(backstage.path, failures, this.#lastError)),
    );
  }

  // For its runs.

  readonly dateOf = (moment: number): Date => {
    const { clock } = this.backstage;
    const offset = isOnWall(this.policy) ? 0 : clock.now() - clock.monotonic();
    return new Date(Math.round(moment + offset));
  };

  originOf(request: number | undefined): Origin | undefined {
    return request === undefined ? undefined : this.#waiters.get(request)?.origin;
  }

  runStarted(): void {
    this.memory.counts.started++;
  }

  runEnded(life: RunLife, { end, attempts, error }: ScheduledRunOutput): void {
    const { run, request } = life.tick;
    this.#lives.delete(run);
    if (end === 'elsewhere' || !life.hasStarted) return this.#passedOver(life, end);
    const { startedAt, tookMs } = life;
    const info = error === undefined ? {} : { error: errorInfo(error) };
    const finished: FinishedRun = { status: end, run, startedAt, tookMs, attempts, ...info };
    this.#lastError = error;
    noteRun(this.memory, finished);
    if (request !== undefined) this.#answer(request, finished);
    this.tell({ type: 'runEnded', run, end });
  }

  /** Another replica has the tick, or nobody could say so in time. */
  #passedOver({ tick, hasStarted }: RunLife, end: RunEnd): void {
    const { run, due } = tick;
    if (hasStarted) {
      this.memory.counts.elsewhere++;
      return this.tell({ type: 'runEnded', run, end });
    }
    const isLeaving = this.backstage.isCancelled || this.#isDraining;
    const undone = isLeaving ? 'closed' : 'overlap';
    this.reportSkip({ why: end === 'elsewhere' ? end : undone, count: 1, due });
    this.tell({ type: 'runEnded', run, end });
  }

  /** Where it begins: at a time of day with what an earlier incarnation left undone. */
  #open(known: number | undefined): Opening {
    const { policy } = this;
    const { runs } = this.memory;
    const start = this.now();
    const first = policy.isImmediate ? start : undefined;
    if (!isOnWall(policy) || first !== undefined) return { dealtWith: start, first, runs };
    if (known === undefined) return { dealtWith: this.#beginOf(this.#timing, start), first, runs };
    if (known - start <= forgetAfterMs) return { dealtWith: known, first, runs };
    this.reportStatus('reset');
    return { dealtWith: start, first, runs };
  }

  /** Until it is recalled, nothing is due. */
  #unknown(): Opening {
    return { dealtWith: this.now(), first: Number.POSITIVE_INFINITY, runs: this.memory.runs };
  }

  /** A date that had passed before the first start is skipped, or run at once. */
  #beginOf(timing: Timing, start: number): number {
    if (timing.kind !== 'at' || timing.dateMs > start) return start;
    if (this.policy.ifPast === 'run') return timing.dateMs - 1;
    this.memory.counts.missed++;
    this.backstage.record({ type: 'schedule-skipped', why: 'past', count: 1, due: timing.dateMs });
    return timing.dateMs;
  }

  #lookWhetherIdle(): void {
    const ledger: Ledger | undefined = this.#actor?.getSnapshot().context.ledger;
    const isInformed = this.#actor?.getSnapshot().context.isInformed === true;
    if (ledger && isInformed && isOnWall(this.policy)) this.memory.dealtWith = ledger.dealtWith;
    if (this.#onIdle && (ledger?.running.length ?? 0) === 0) this.#onIdle();
  }

  #answer(request: number, result: RunResult): void {
    this.#waiters.get(request)?.resolve(result);
    this.#waiters.delete(request);
  }

  #answerAll(): void {
    for (const request of this.#waiters.keys()) {
      this.#answer(request, { status: 'skipped', why: 'closed' });
    }
  }

  #post(step: () => void): void {
    this.backstage.kernel.dispatcher.post(step);
  }
}
