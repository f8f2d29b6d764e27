import type { Logger } from 'pino';
import type { AnyActor } from 'xstate';
import type { TaskEvent, TaskHands, TaskState } from '../../../actors/rules/task-hands.ts';
import type { TaskChartContext } from '../../../actors/task.ts';
import { isNotRetryable } from '../../errors.ts';
import { errorInfo } from '../../events.ts';
import type { Backstage } from '../../kernel/backstage.ts';
import { isAbort } from '../../kernel/failures.ts';
import type { Place } from '../../kernel/journal.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { tracerOf } from '../tracing/traced.ts';
import type { Origin } from '../tracing/tracer.ts';
import type { Finished } from './archive.ts';
import { Attempt } from './attempt.ts';
import { abandonedError, cancelledError, timeoutError } from './errors.ts';
import type { Waiting } from './line.ts';
import { progressOf } from './progress.ts';
import type { TaskSpec } from './read-task-options.ts';
import { isTaskDefinition, type TaskDefinition } from './task.ts';
import type { ProgressReport, TaskFunction, TaskProgress, TaskStatus } from './types.ts';

/** What an entry takes from its worker. */
export interface Office {
  readonly backstage: Backstage;
  readonly log: Logger;
}

const terminal: ReadonlySet<TaskState> = new Set(['completed', 'failed', 'cancelled', 'abandoned']);

/** How often progress becomes an event. */
const progressEveryMs = 100;

/** One accepted task: what is known of it, what it runs, and who waits for it. */
export class Entry implements TaskHands, Waiting, Finished {
  readonly id: string;
  readonly work: TaskFunction;
  readonly input: unknown;
  readonly spec: TaskSpec;
  readonly #office: Office;
  readonly kind: string | undefined;
  /** Where it was submitted, for its spans, until it is over. */
  origin: Origin | undefined;
  readonly #submittedAt: number;
  readonly #acceptedAt: number;
  #startedAt: number | undefined;
  #finishedAt: number | undefined;
  /** When it came to its end, on the monotonic clock. */
  finishedSince = 0;
  #actor: AnyActor | undefined;
  #attempt: Attempt | undefined;
  #attempts = 0;
  #progress: TaskProgress | undefined;
  #toldProgressAt = Number.NEGATIVE_INFINITY;
  #state: TaskState = 'pending';
  #result: unknown;
  #error: unknown;
  #hasError = false;
  #delayMs = 0;
  #over: PromiseWithResolvers<TaskStatus> | undefined;
  #outcome: PromiseWithResolvers<unknown> | undefined;
  /** It takes up one of the places of its worker. */
  hasPlace = false;
  place = -1;
  since: number;

  constructor(
    office: Office,
    id: string,
    given: TaskFunction | TaskDefinition,
    spec: TaskSpec,
    input: unknown,
  ) {
    const { clock, kernel } = office.backstage;
    this.#office = office;
    this.id = id;
    this.work = isTaskDefinition(given) ? given.run : given;
    this.kind = isTaskDefinition(given) ? given.name : undefined;
    this.origin = tracerOf(kernel)?.here;
    this.spec = spec;
    this.input = input;
    this.#submittedAt = clock.now();
    this.#acceptedAt = clock.monotonic();
    this.since = this.#acceptedAt;
  }

  get priority(): number {
    return this.spec.priority;
  }

  get path(): string {
    return this.#office.backstage.path;
  }

  /** Its worker, in whose name it runs. */
  get owner(): Place {
    const { path, incarnation } = this.#office.backstage;
    return { path, incarnation };
  }

  get backstage(): Backstage {
    return this.#office.backstage;
  }

  get kernel(): Kernel {
    return this.#office.backstage.kernel;
  }

  get state(): TaskState {
    return this.#state;
  }

  get isOver(): boolean {
    return terminal.has(this.#state);
  }

  // For its worker.

  employ(actor: AnyActor): void {
    this.#actor = actor;
  }

  tell(event: TaskEvent): void {
    if (this.#actor) this.#office.backstage.tell(this.#actor, event);
  }

  /** Its worker was given up: at once, before nothing counts any more. */
  giveUp(): void {
    if (this.#actor) this.#office.backstage.tellAtOnce(this.#actor, { type: 'abandon' });
  }

  /** The chart is in another state, and that is visible. */
  moved(state: TaskState): void {
    const chart = this.#actor?.getSnapshot().context as TaskChartContext | undefined;
    this.#state = state;
    this.#attempts = chart?.attempt ?? 0;
    const { clock } = this.#office.backstage;
    if (state === 'running') {
      this.#startedAt ??= clock.now();
      this.#hasError = false;
      this.#error = undefined;
    } else if (chart && (state === 'backoff' || this.isOver)) {
      this.#noteEnd(chart);
    }
    if (this.isOver) {
      this.#finishedAt = clock.now();
      this.finishedSince = clock.monotonic();
    }
  }

  /** Tells the world where it is, and those who wait for its end. */
  announce(): void {
    const { backstage } = this.#office;
    backstage.record({
      type: 'task',
      id: this.id,
      status: this.#state,
      attempt: this.#attempts,
      ageMs: backstage.clock.monotonic() - this.#acceptedAt,
      ...(this.#state === 'backoff' && { delayMs: this.#delayMs }),
      ...(this.#hasError && { error: errorInfo(this.#error) }),
    });
    if (!this.isOver) return;
    this.#actor = undefined;
    this.#attempt = undefined;
    this.origin = undefined;
    this.#over?.resolve(this.status);
    if (this.#outcome) this.#deliver(this.#outcome);
  }

  get status(): TaskStatus {
    return {
      id: this.id,
      status: this.#state,
      attempt: this.#attempts,
      maxAttempts: this.spec.maxAttempts,
      priority: this.spec.priority,
      progress: this.#progress,
      submittedAt: this.#submittedAt,
      startedAt: this.#startedAt,
      finishedAt: this.#finishedAt,
      result: this.#result,
      error: this.#hasError ? errorInfo(this.#error) : undefined,
      cause: this.#error,
    };
  }

  /** Its last status. */
  get over(): Promise<TaskStatus> {
    if (!this.#over) {
      this.#over = Promise.withResolvers();
      if (this.isOver) this.#over.resolve(this.status);
    }
    return this.#over.promise;
  }

  get outcome(): Promise<unknown> {
    if (!this.#outcome) {
      this.#outcome = Promise.withResolvers();
      if (this.isOver) this.#deliver(this.#outcome);
    }
    return this.#outcome.promise;
  }

  // For its chart.

  launch(): void {
    const attempt = new Attempt(this, this.#attempts + 1);
    this.#attempt = attempt;
    this.#progress = undefined;
    this.#toldProgressAt = Number.NEGATIVE_INFINITY;
    this.kernel.dispatcher.post(() => attempt.run());
  }

  cancel(): void {
    const attempt = this.#attempt;
    this.kernel.dispatcher.post(() => attempt?.cancel(cancelledError(this.path, this.id)));
  }

  expire(): void {
    const attempt = this.#attempt;
    const reason = timeoutError(this.path, this.id, this.spec.timeoutMs);
    this.kernel.dispatcher.post(() => attempt?.expire(reason));
  }

  abandon(): void {
    this.#attempt?.cancel(cancelledError(this.path, this.id));
    this.#attempt?.fence();
  }

  // For its attempt.

  note(report: ProgressReport): void {
    this.#progress = progressOf(report);
    const now = this.#office.backstage.clock.monotonic();
    if (now - this.#toldProgressAt < progressEveryMs) return;
    this.#toldProgressAt = now;
    const known = Object.entries(this.#progress).filter(([, value]) => value !== undefined);
    const happening = { type: 'task-progress', id: this.id, ...Object.fromEntries(known) } as const;
    this.#office.backstage.record(happening);
  }

  isRetryable(error: unknown, attempt: number): boolean {
    const { retryable, maxAttempts } = this.spec;
    if (attempt >= maxAttempts || isNotRetryable(error)) return false;
    if (!retryable) return true;
    try {
      const blame = { place: this.owner, fail: (stray: unknown) => this.stray(stray) };
      return this.kernel.attribute(blame, () => Boolean(retryable(error, attempt)));
    } catch (thrown) {
      this.stray(thrown);
      return true;
    }
  }

  stray(error: unknown): void {
    const happening = { type: 'stray-error', error: errorInfo(error), task: this.id } as const;
    this.#office.backstage.record(happening);
  }

  log(): Logger {
    return this.#office.log.child({ task: this.id });
  }

  /** The reason of a signal whose attempt is over. */
  overError(): Error {
    return cancelledError(this.path, this.id);
  }

  #noteEnd(chart: TaskChartContext): void {
    this.#delayMs = chart.delayMs;
    if (this.#state === 'completed') {
      this.#result = chart.result;
      return;
    }
    const isObeyed = this.#state === 'cancelled' && isAbort(chart.error);
    if (chart.attempt === 0 || chart.error === undefined || isObeyed) return;
    this.#error = chart.error;
    this.#hasError = true;
  }

  #deliver({ promise, resolve, reject }: PromiseWithResolvers<unknown>): void {
    if (this.#state === 'completed') return resolve(this.#result);
    // What went wrong has been told by an event: nobody has to look here.
    promise.catch(() => {});
    if (this.#state === 'failed') reject(this.#error);
    else if (this.#state === 'cancelled') reject(cancelledError(this.path, this.id));
    else reject(abandonedError(this.path, this.id));
  }
}
