import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../../../actors/rules/duration.ts';
import type { Battery } from '../../define/battery.ts';
import type { Context } from '../../define/context.ts';
import type { ServiceDefinition } from '../../define/definition.ts';
import type { ValidName } from '../../define/names.ts';
import type { Needs } from '../../define/needs.ts';
import type { OptionReader } from '../../define/option-reader.ts';
import type { CommonServiceOptions } from '../../define/options.ts';
import { recorded } from '../../define/recorded.ts';
import type { HooksSpec } from '../../define/spec.ts';
import { backstage } from '../../kernel/backstage.ts';
import type { TaskWorker } from './types.ts';
import { Worker } from './worker.ts';
import { defaultPolicy, type WorkerPolicy } from './worker-policy.ts';

/** What a worker may be told beside what every service may. */
export interface TasksOptions
  extends Omit<
    CommonServiceOptions<Needs, StandardSchemaV1 | undefined, never>,
    'receive' | 'mailbox' | 'whileDown' | 'watchdog'
  > {
  /** How many functions run beside each other at most. Minimum: 1. @default 'infinity' */
  readonly concurrency?: number | 'infinity';
  /**
   * How many tasks may wait for a place; more are refused with `DARUMA_TASKS_FULL`, or wait for room
   * with `submitWhenFree`. Retries do not count. Minimum: 0. @default 10000
   */
  readonly maxPending?: number | 'infinity';
  /**
   * Waiting this long is worth one priority, so that nobody starves. `'infinity'`: never, the higher
   * priority always goes first. @default '10s'
   */
  readonly ageing?: Duration | 'infinity';
  /** How many tasks that are over are known; the oldest is forgotten. @default 1000 */
  readonly keepFinished?: number | 'infinity';
  /** For how long a task that is over is known. @default '1h' */
  readonly keepFor?: Duration | 'infinity';
}

const ownOptions = ['concurrency', 'maxPending', 'ageing', 'keepFinished', 'keepFor'];

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
 * When it is stopped, all tasks are asked to stop at once and have its `stopWithin`. When the system
 * drains, what runs may end within half of the grace period, and what waits is cancelled.
 */
export function tasks<const Name extends string>(
  name: ValidName<Name>,
  options: TasksOptions = {},
): ServiceDefinition<Name, TaskWorker, Record<never, never>> {
  const definition = { kind: 'service', name, options: recorded(options), body: battery } as const;
  return Object.freeze(definition) as ServiceDefinition<Name, TaskWorker, Record<never, never>>;
}

const battery: Battery = {
  battery: 'tasks',
  options: ownOptions,
  read(reader) {
    const policy = readPolicy(reader);
    return {
      kind: 'hooks',
      start: (ctx: Context) => open(ctx, policy),
      run: undefined,
      stop: undefined,
      drain: (_ctx: Context, worker: Worker) => worker.drain(),
      ready: 'immediate',
      battery: { kind: 'tasks', policy: { ...policy } },
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

function readPolicy(reader: OptionReader): WorkerPolicy {
  const words = { infinity: Number.POSITIVE_INFINITY };
  return {
    concurrency: readCount(reader, 'concurrency', defaultPolicy.concurrency, 1),
    maxPending: readCount(reader, 'maxPending', defaultPolicy.maxPending, 0),
    ageingMs: reader.duration('ageing', defaultPolicy.ageingMs, { words, isPositive: true }),
    keepFinished: readCount(reader, 'keepFinished', defaultPolicy.keepFinished, 0),
    keepForMs: reader.duration('keepFor', defaultPolicy.keepForMs, { words }),
  };
}

/** A whole number, or no limit. */
function readCount(reader: OptionReader, name: string, fallback: number, min: number): number {
  const given = reader.raw(name);
  if (given === 'infinity' || given === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return reader.number(name, fallback, { min, isWhole: true });
}
