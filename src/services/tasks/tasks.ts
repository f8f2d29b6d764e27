import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../../../actors/rules/duration.ts';
import type { Battery } from '../../define/battery.ts';
import type { Context } from '../../define/context.ts';
import type { ServiceDefinition } from '../../define/definition.ts';
import type { ValidName } from '../../define/names.ts';
import type { Needs } from '../../define/needs.ts';
import type { CommonServiceOptions } from '../../define/options.ts';
import { recorded } from '../../define/recorded.ts';
import type { ConfigOf } from '../../define/service-options.ts';
import type { HooksSpec } from '../../define/spec.ts';
import { backstage } from '../../kernel/backstage.ts';
import { readWorkerOptions, workerOptions } from './read-worker-options.ts';
import type { TaskWorker } from './types.ts';
import { Worker } from './worker.ts';
import type { WorkerPolicy } from './worker-policy.ts';

/** A value, or a function of the context that gives it at every start of the worker. */
export type OrAsked<Value, Schema> =
  | Value
  | ((ctx: Context<Needs, ConfigOf<Schema>, undefined>) => Value);

/** What a worker may be told beside what every service may. */
export interface TasksOptions<
  Schema extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined,
> extends Omit<
    CommonServiceOptions<Needs, Schema, never>,
    'receive' | 'mailbox' | 'whileDown' | 'watchdog'
  > {
  /** How many functions run beside each other at most. Minimum: 1. @default 'infinity' */
  readonly concurrency?: OrAsked<number | 'infinity', NoInfer<Schema>>;
  /**
   * How many tasks may wait for a place; more are refused with `DARUMA_TASKS_FULL`, or wait for room
   * with `submitWhenFree`. Retries do not count. Minimum: 0. @default 10000
   */
  readonly maxPending?: OrAsked<number | 'infinity', NoInfer<Schema>>;
  /**
   * Waiting this long is worth one priority, so that nobody starves. `'infinity'`: never, the higher
   * priority always goes first. @default '10s'
   */
  readonly ageing?: OrAsked<Duration | 'infinity', NoInfer<Schema>>;
  /** How many tasks that are over are known; the oldest is forgotten. @default 1000 */
  readonly keepFinished?: OrAsked<number | 'infinity', NoInfer<Schema>>;
  /** For how long a task that is over is known. @default '1h' */
  readonly keepFor?: OrAsked<Duration | 'infinity', NoInfer<Schema>>;
}

/**
 * Defines a worker: a service whose ready value runs tasks, each by its id, each an actor of its own
 * below the worker.
 *
 * ```ts
 * const worker = tasks('worker', { concurrency: 10 });
 * const api = service('api', { needs: { worker } }, async (ctx) => {
 *   const { result } = ctx.needs.worker.submit('report-7', async (task) => render(task.signal));
 *   await result;
 * });
 * ```
 *
 * Its options may come from its configuration:
 * `tasks('worker', { config, concurrency: (ctx) => ctx.config.concurrency })`.
 *
 * When it is stopped, all tasks are asked to stop at once and have its `stopWithin`. When the system
 * drains, what runs may end within half of the grace period, and what waits is cancelled.
 */
export function tasks<
  const Name extends string,
  Schema extends StandardSchemaV1 | undefined = undefined,
>(
  name: ValidName<Name>,
  options: TasksOptions<Schema> = {},
): ServiceDefinition<Name, TaskWorker, Record<never, never>> {
  const definition = { kind: 'service', name, options: recorded(options), body: battery } as const;
  return Object.freeze(definition) as ServiceDefinition<Name, TaskWorker, Record<never, never>>;
}

const battery: Battery = {
  battery: 'tasks',
  options: workerOptions,
  read(reader) {
    const { told, policyFor } = readWorkerOptions(reader);
    return {
      kind: 'hooks',
      start: (ctx: Context) => open(ctx, policyFor(ctx)),
      run: undefined,
      stop: undefined,
      drain: (_ctx: Context, worker: Worker) => worker.drain(),
      ready: 'immediate',
      battery: { kind: 'tasks', policy: told },
    } satisfies HooksSpec;
  },
};

function open(ctx: Context, policy: WorkerPolicy): Worker {
  const stage = backstage(ctx);
  const worker = new Worker(stage, ctx.log, policy);
  stage.onCancel(() => worker.shutDown());
  stage.onAbandon(() => worker.giveUp());
  return worker;
}
