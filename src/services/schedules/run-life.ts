import type { AnyActor } from 'xstate';
import { backoffDelay } from '../../../actors/rules/backoff.ts';
import type { RunEvent, RunHands } from '../../../actors/rules/schedule-hands.ts';
import type { NumberedTick } from '../../../actors/rules/ticking.ts';
import {
  type ScheduledRunInput,
  type ScheduledRunOutput,
  scheduledRunMachine,
} from '../../../actors/scheduled-run.ts';
import { CancelledError, isNotRetryable } from '../../errors.ts';
import { errorInfo } from '../../events.ts';
import type { ScheduleHappening } from '../../happenings/schedule.ts';
import type { Backstage } from '../../kernel/backstage.ts';
import type { LiveContext } from '../../kernel/live-context.ts';
import { runStuckError, runTimeoutError } from './errors.ts';
import type { SchedulePolicy } from './policy.ts';
import { Attempt, type RunContext } from './run-context.ts';

type RunHappening = Extract<ScheduleHappening, { type: 'schedule-run' }>;

/** What a run takes from its schedule. */
export interface RunHost {
  readonly ctx: LiveContext;
  readonly backstage: Backstage;
  readonly policy: SchedulePolicy;
  /** A moment on the clock of the timetable, for people. */
  dateOf(moment: number): Date;
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
  #attempt: Attempt | undefined;

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
    this.#record('started', 0);
    const input: ScheduledRunInput = { hands: this, maxAttempts, timeoutMs, settleWithinMs };
    this.#actor = backstage.hire(scheduledRunMachine, {
      id: `${backstage.path}.run-${this.tick.run}`,
      input,
      onEnd: (end) => {
        if (end.type === 'error') return backstage.fail(end.error);
        const output = end.output as ScheduledRunOutput;
        const { error } = output;
        this.#record(output.end, output.attempts, {
          tookMs: this.tookMs,
          ...(error !== undefined && { error: errorInfo(error) }),
        });
        this.#host.runEnded(this, output);
      },
    });
  }

  /** Milliseconds since it began. */
  get tookMs(): number {
    return this.#host.backstage.clock.monotonic() - this.#startedAt;
  }

  end(): void {
    if (this.#actor) this.#tell({ type: 'cancel' });
  }

  attempt(number: number): void {
    const { ctx, backstage, dateOf } = this.#host;
    const { run, due, scheduledAt } = this.tick;
    const attempt = new Attempt(ctx, backstage, {
      run,
      attempt: number,
      due: dateOf(due ?? scheduledAt),
      scheduledAt: dateOf(scheduledAt),
      isByHand: due === undefined,
    });
    this.#attempt = attempt;
    this.#post(() => {
      void Attempt.carryOut(attempt, workOf(backstage)).then((settled) => {
        this.#tell({ type: 'settled', ...settled, isFinal: isNotRetryable(settled.error) });
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
    this.#post(() => this.#record('retrying', attempt, { delayMs, error: errorInfo(error) }));
  }

  reportStuck(): void {
    const { backstage, policy } = this.#host;
    this.#post(() => {
      // On its way out the schedule is judged by its own limit.
      if (backstage.isCancelled) return;
      backstage.fail(runStuckError(backstage.path, this.tick.run, policy.settleWithinMs));
    });
  }

  #cancelAttempt(reason: Error): void {
    const attempt = this.#attempt;
    this.#post(() => {
      if (attempt) Attempt.cancel(attempt, reason);
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

  #tell(event: RunEvent): void {
    if (this.#actor) this.#host.backstage.tell(this.#actor, event);
  }

  #post(step: () => void): void {
    this.#host.backstage.kernel.dispatcher.post(step);
  }
}

/** What the schedule runs, as its spec has it now: a simulation may have put faults around it. */
function workOf({ node }: Backstage): (ctx: RunContext) => unknown {
  const { spec } = node;
  const work =
    spec.kind === 'service' && spec.body.kind === 'hooks' ? spec.body.battery?.work : undefined;
  if (!work) throw new TypeError(`${node.path} is no schedule.`);
  return work;
}
