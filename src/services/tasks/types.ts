import type { Logger } from 'pino';
import type { Duration } from '../../../actors/rules/duration.ts';
import type { TaskState } from '../../../actors/rules/task-hands.ts';
import type { Bus } from '../../define/bus.ts';
import type { Time } from '../../define/context.ts';
import type { Metrics } from '../../define/metrics.ts';
import type { Notify } from '../../define/notify.ts';
import type { BackoffOptions } from '../../define/options.ts';
import type { Storage } from '../../define/storage.ts';
import type { InSpan } from '../../define/tracing.ts';
import type { ErrorInfo } from '../../events.ts';
import type { TaskDefinition } from './task.ts';

/** How far a task is. */
export interface TaskProgress {
  /** From 0 to 1; undefined where the task does not know. */
  readonly fraction: number | undefined;
  readonly done: number | undefined;
  readonly total: number | undefined;
  readonly text: string | undefined;
}

/** What a task may say of its progress: a fraction from 0 to 1, a count, a text, or several of them. */
export type ProgressReport =
  | number
  | {
      readonly fraction?: number;
      readonly done?: number;
      readonly total?: number;
      readonly text?: string;
    };

/** What the function of a task is given: one for each attempt. It is revoked when that is over. */
export interface TaskContext<Input = unknown> extends Time {
  readonly id: string;
  /** The path of its worker. */
  readonly path: string;
  readonly input: Input;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /**
   * Cancelled when the task is cancelled, takes longer than its timeout, or its worker ends. Made
   * when it is first touched. A task that never touches it, and does not use `sleep`, counts as one
   * that cannot have obeyed.
   */
  readonly signal: AbortSignal;
  /** A child logger bound to `{ actor, incarnation, task }`. */
  readonly log: Logger;
  /**
   * Events between services. What is subscribed here ends with the attempt, which waits for handlers
   * that are under way; what a handler throws fails the attempt.
   */
  readonly bus: Bus;
  /** Tells people something, in the name of the worker. What is scheduled ends with the attempt. */
  readonly notify: Notify;
  /** Measurements, with the path of the worker. */
  readonly metrics: Metrics;
  /** That of the worker, shared by all its tasks. */
  readonly storage: Storage;
  /** Calls code in a span of its own, below that of the attempt. */
  readonly span: InSpan;
  /** Says how far it is: seen at once in `status()`, ten times a second at most in events. */
  progress(report: ProgressReport): void;
}

/** What it returns, or resolves with, is the result. */
export type TaskFunction<Input = unknown, Returned = unknown> = (
  ctx: TaskContext<Input>,
) => Returned;

/** How one task is run. */
export interface TaskOptions {
  /**
   * The higher goes first; within a priority first come, first served. A task that waits goes up, as
   * the worker's `ageing` says.
   *
   * @default 0
   */
  readonly priority?: number;
  /** What one attempt may take, from when it begins; not while it waits. @default no limit */
  readonly timeout?: Duration;
  /** @default one attempt */
  readonly retry?: TaskRetry;
  /**
   * What an attempt may take to end once it was cancelled or its timeout has passed. Then the task is
   * abandoned: its place is free, and what it still does does not count. @default '5s'
   */
  readonly cancelWithin?: Duration | 'infinity';
}

export interface TaskRetry {
  /** Attempts in all, the first included. Minimum: 1. @default 3 */
  readonly maxAttempts?: number;
  /** Between the end of an attempt and its next turn; no place is held meanwhile. */
  readonly backoff?: Omit<BackoffOptions, 'resetAfter'>;
  /** Whether another attempt could end better. One that throws counts as `true`. @default always */
  readonly retryable?: (error: unknown, attempt: number) => boolean;
}

/** What is known of a task: a picture of the moment. Times in milliseconds since the epoch. */
export interface TaskStatus<Result = unknown> {
  readonly id: string;
  readonly status: TaskState;
  /** Attempts that have begun. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly priority: number;
  /** Of the latest attempt. */
  readonly progress: TaskProgress | undefined;
  readonly submittedAt: number;
  /** When its first attempt began. */
  readonly startedAt: number | undefined;
  /** When it came to its end. */
  readonly finishedAt: number | undefined;
  /** Of a completed task. */
  readonly result: Result | undefined;
  /** What went wrong last, as plain data. */
  readonly error: ErrorInfo | undefined;
  /** What was thrown, as it is. */
  readonly cause: unknown;
}

/** A task that was accepted. It stays good when the worker has forgotten the task. */
export interface TaskHandle<Result = unknown> {
  readonly id: string;
  /**
   * What the task returns. Rejects with what its last attempt threw; with `DARUMA_TASK_TIMEOUT`,
   * `DARUMA_CANCELLED` or `DARUMA_TASK_ABANDONED`. Not looking at it is fine.
   */
  readonly result: Promise<Result>;
  status(): TaskStatus<Result>;
  /** Resolves with its last status; never rejects. */
  wait(): Promise<TaskStatus<Result>>;
  /** Asks it to stop; resolves with how it really ended. */
  cancel(): Promise<TaskStatus<Result>>;
}

/** Of what a task definition demands: an input, where it has one. */
export type SubmitArguments<Input> = unknown extends Input
  ? [options?: TaskOptions & { readonly input?: Input }]
  : undefined extends Input
    ? [options?: TaskOptions & { readonly input?: Input }]
    : [options: TaskOptions & { readonly input: Input }];

/**
 * Runs tasks beside each other, each by its id: the ready value of `tasks()`. It lives as long as
 * one incarnation; a restarted worker is a new one and starts empty.
 */
export interface TaskWorker {
  /**
   * Accepts a task, which begins in a later turn of the event loop at the earliest.
   *
   * @throws `DARUMA_TASK_DUPLICATE` while a task with this id is not over; `DARUMA_TASKS_FULL` when
   * `maxPending` tasks wait already; `DARUMA_TASKS_STOPPING`; DefinitionError for wrong options
   */
  submit<Input, Result>(
    id: string,
    task: TaskDefinition<Input, Result>,
    ...options: SubmitArguments<Input>
  ): TaskHandle<Result>;
  submit<Input, Returned>(
    id: string,
    run: TaskFunction<Input, Returned>,
    options: TaskOptions & { readonly input: Input },
  ): TaskHandle<Awaited<Returned>>;
  submit<Returned>(
    id: string,
    run: TaskFunction<undefined, Returned>,
    options?: TaskOptions,
  ): TaskHandle<Awaited<Returned>>;
  /**
   * The same, once there is room: whoever came first gets it first. Rejects as `submit` throws, but
   * never with `DARUMA_TASKS_FULL`.
   */
  submitWhenFree<Input, Result>(
    id: string,
    task: TaskDefinition<Input, Result>,
    ...options: SubmitArguments<Input>
  ): Promise<TaskHandle<Result>>;
  submitWhenFree<Input, Returned>(
    id: string,
    run: TaskFunction<Input, Returned>,
    options: TaskOptions & { readonly input: Input },
  ): Promise<TaskHandle<Awaited<Returned>>>;
  submitWhenFree<Returned>(
    id: string,
    run: TaskFunction<undefined, Returned>,
    options?: TaskOptions,
  ): Promise<TaskHandle<Awaited<Returned>>>;
  /** undefined: there is none, or it is forgotten. */
  status(id: string): TaskStatus | undefined;
  /** Resolves with the last status of a task, at once where it is over; undefined as `status`. */
  wait(id: string): Promise<TaskStatus | undefined>;
  /**
   * Asks a task to stop and resolves with how it really ended: one that was too late has completed.
   * undefined as `status`. Never takes longer than the task's `cancelWithin`.
   */
  cancel(id: string): Promise<TaskStatus | undefined>;
  has(id: string): boolean;
  /** All that are known: running, pending and finished. */
  count(): number;
  /** Those whose function runs, also those that were asked to stop. */
  running(): number;
  /** Those that wait: for a place, or for their next attempt. */
  pending(): number;
  /** All that are known, in the order in which they were accepted. */
  all(): TaskStatus[];
  /** Forgets all that are over. Returns how many that were. */
  cleanup(): number;
  /** Begins no more attempts until `resume`. What runs goes on, and tasks are accepted as before. */
  pause(): void;
  resume(): void;
  readonly isPaused: boolean;
}
