import type { AnyActor } from 'xstate';
import { backoffDelay } from '../../../actors/rules/backoff.ts';
import type { RunEvent, RunHands } from '../../../actors/rules/schedule-hands.ts';
import type { NumberedTick } from '../../../actors/rules/ticking.ts';
import {
  type ScheduledRunInput,
  type ScheduledRunOutput,
  scheduledRunMachine,
} from '../../../actors/scheduled-run.ts';
import { CancelledError, type ErrorCode, isDarumaError, isNotRetryable } from '../../errors.ts';
import { errorInfo, messageOf } from '../../events.ts';
import type { ScheduleHappening } from '../../happenings/schedule.ts';
import type { Backstage } from '../../kernel/backstage.ts';
import type { LiveContext } from '../../kernel/live-context.ts';
import { actorLabel } from '../metrics/lifecycle.ts';
import type { OpenSpan } from '../tracing/open-span.ts';
import { tracerOf } from '../tracing/traced.ts';
import type { Origin } from '../tracing/tracer.ts';
import { runStuckError, runTimeoutError } from './errors.ts';
import { letClaim } from './in-transaction.ts';
import type { SchedulePolicy } from './policy.ts';
import { RunAttempt } from './run-attempt.ts';
import type { RunContext } from './run-context.ts';
import type { SharedTicks } from './shared-ticks.ts';

type RunHappening = Extract<ScheduleHappening, { type: 'schedule-run' }>;

/** What a run takes from its schedule. */
export interface RunHost {
  readonly ctx: LiveContext;
  readonly backstage: Backstage;
  readonly policy: SchedulePolicy;
  /** A moment on the clock of the timetable, for people. */
  dateOf(moment: number): Date;
  /** Where a run by hand was asked for. */
  originOf(request: number | undefined): Origin | undefined;
  readonly ticks: SharedTicks;
  /** Its work is called for the first time. */
  runStarted(): void;
  runEnded(life: RunLife, output: ScheduledRunOutput): void;
}

/** Carries out what the chart of one run decides. */
export class RunLife implements RunHands {
  readonly #host: RunHost;
  readonly #latenessMs: number;
  readonly #startedAt: number;
  readonly tick: NumberedTick;
  readonly startedAt: Date;
  #actor: AnyActor | undefined;
  #attempt: RunAttempt | undefined;
  #span: OpenSpan | undefined;
  /** Its work was called. */
  hasStarted = false;

  constructor(host: RunHost, tick: NumberedTick, now: number) {
    const { clock } = host.backstage;
    this.#host = host;
    this.tick = tick;
    this.#latenessMs = Math.max(0, Math.round(now - tick.scheduledAt));
    this.#startedAt = clock.monotonic();
    this.startedAt = new Date(clock.now());
  }

  begin(): void {
    const { backstage, policy } = this.#host;
    const { maxAttempts, timeoutMs, settleWithinMs } = policy;
    const isShared = this.#isShared && !policy.isTransactional;
    const limits = { maxAttempts, timeoutMs, settleWithinMs };
    const input: ScheduledRunInput = { hands: this, isShared, ...limits };
    this.#actor = backstage.hire(scheduledRunMachine, {
      id: `${backstage.path}.run-${this.tick.run}`,
      input,
      onEnd: (end) => {
        if (end.type === 'error') return backstage.fail(end.error);
        const output = end.output as ScheduledRunOutput;
        this.#span?.annotate({ 'daruma.attempts': output.attempts });
        this.#span?.end(output.end, output.error);
        this.#recordEnd(output);
        this.#host.runEnded(this, output);
      },
    });
  }

  /** Asked for by hand it is nobody else's. */
  get #isShared(): boolean {
    return this.#host.policy.isShared && this.tick.due !== undefined;
  }

  /** Milliseconds since it began. */
  get tookMs(): number {
    return this.#host.backstage.clock.monotonic() - this.#startedAt;
  }

  /** Nobody waits for it any more. */
  giveUp(): void {
    this.#span?.end('abandoned');
  }

  end(): void {
    if (this.#actor) this.#tell({ type: 'cancel' });
  }

  random(): number {
    return this.#host.backstage.random();
  }

  claim(): void {
    const { ticks } = this.#host;
    const { due = 0 } = this.tick;
    this.#post(() => {
      void ticks.claim(due).then(
        (isOurs) => this.#tell({ type: isOurs ? 'claimed' : 'taken' }),
        () => this.#tell({ type: 'unanswered' }),
      );
    });
  }

  attempt(number: number): void {
    if (number === 1) {
      this.#post(() => {
        this.hasStarted = true;
        this.#host.runStarted();
        this.#record('started', 0);
        this.#span = this.#openSpan();
      });
    }
    const { ctx, backstage, dateOf } = this.#host;
    const { run, due, scheduledAt } = this.tick;
    const attempt = new RunAttempt(ctx, backstage, {
      run,
      attempt: number,
      due: dateOf(due ?? scheduledAt),
      scheduledAt: dateOf(scheduledAt),
      isByHand: due === undefined,
    });
    this.#attempt = attempt;
    if (this.#isShared) letClaim(attempt.context, () => this.#host.ticks.claimStep(due ?? 0));
    this.#post(() => {
      const carryOut = () => attempt.carryOut(workOf(backstage));
      void (this.#span ? this.#span.run(carryOut) : carryOut()).then((settled) => {
        const isFinal = isNotRetryable(settled.error);
        this.#tell({ type: 'settled', ...settled, isFinal, ...this.#meaningOf(settled.error) });
      });
    });
  }

  cutShort(): unknown {
    const { backstage, policy } = this.#host;
    const error = runTimeoutError(backstage.path, this.tick.run, policy.timeoutMs);
    this.#cancelAttempt(error);
    return error;
  }

  cancel(): void {
    this.#cancelAttempt(new CancelledError(this.#host.backstage.path));
  }

  retryDelay(attempt: number): number {
    const { backstage, policy } = this.#host;
    return backoffDelay(policy.retryBackoff, attempt - 1, backstage.random());
  }

  reportRetry(attempt: number, delayMs: number, error: unknown): void {
    this.#post(() => {
      this.#record('retrying', attempt, { delayMs, error: errorInfo(error) });
      this.#span?.note('retry', {
        'daruma.attempt': attempt,
        'daruma.delay_ms': delayMs,
        'error.message': messageOf(error),
      });
    });
  }

  reportStuck(): void {
    const { backstage, policy } = this.#host;
    this.#post(() => {
      // On its way out the schedule is judged by its own limit.
      if (backstage.isCancelled) return;
      backstage.fail(runStuckError(backstage.path, this.tick.run, policy.settleWithinMs));
    });
  }

  /** Of one that claims its tick itself. */
  #meaningOf(error: unknown): { readonly isTaken: boolean; readonly isOutage: boolean } {
    const { isTransactional } = this.#host.policy;
    const code = isTransactional && isDarumaError(error) ? error.code : undefined;
    return { isTaken: code === 'DARUMA_TICK_TAKEN', isOutage: isOutage(code) };
  }

  #recordEnd({ end, attempts, error }: ScheduledRunOutput): void {
    if (!this.hasStarted) return;
    const info = error === undefined ? {} : { error: errorInfo(error) };
    const status = end === 'elsewhere' ? 'cancelled' : end;
    this.#record(status, attempts, { tookMs: this.tookMs, ...info });
  }

  #cancelAttempt(reason: Error): void {
    const attempt = this.#attempt;
    this.#post(() => {
      attempt?.cancel(reason);
    });
  }

  #record(
    status: RunHappening['status'],
    attempts: number,
    more: Partial<RunHappening> = {},
  ): void {
    const { run, due = null } = this.tick;
    const latenessMs = this.#latenessMs;
    this.#host.backstage.record({
      type: 'schedule-run',
      status,
      run,
      due,
      latenessMs,
      attempts,
      ...more,
    });
  }

  #openSpan(): OpenSpan | undefined {
    const { path, incarnation, kernel } = this.#host.backstage;
    const tracer = tracerOf(kernel);
    if (!tracer?.isOn) return undefined;
    const { run, due, scheduledAt, request } = this.tick;
    const attributes = {
      'daruma.path': path,
      'daruma.incarnation': incarnation,
      'daruma.run': run,
      'daruma.due': this.#host.dateOf(due ?? scheduledAt).toISOString(),
      'daruma.late_ms': this.#latenessMs,
      'daruma.by_hand': due === undefined,
    };
    const origin = this.#host.originOf(request) ?? tracer.nowhere;
    return tracer.open(`run ${actorLabel(kernel, path)}`, attributes, origin);
  }

  #tell(event: RunEvent): void {
    if (this.#actor) this.#host.backstage.tell(this.#actor, event);
  }

  #post(step: () => void): void {
    this.#host.backstage.kernel.dispatcher.post(step);
  }
}

/** Nothing was stored, or nobody knows: it may be tried again. */
function isOutage(code: ErrorCode | undefined): boolean {
  if (code === 'DARUMA_TRANSACTION_CONFLICT' || code === 'DARUMA_TRANSACTION_TIMEOUT') return true;
  return code?.startsWith('DARUMA_STORAGE_') === true;
}

/** What the schedule runs, as its spec has it now: a simulation may have put faults around it. */
function workOf({ node }: Backstage): (ctx: RunContext) => unknown {
  const { spec } = node;
  const work =
    spec.kind === 'service' && spec.body.kind === 'hooks' ? spec.body.battery?.work : undefined;
  if (!work) throw new TypeError(`${node.path} is no schedule.`);
  return work;
}
