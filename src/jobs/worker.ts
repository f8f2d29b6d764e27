import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ServiceDefinition } from '../define/definition.ts';
import type { ValidName } from '../define/names.ts';
import type { Needs } from '../define/needs.ts';
import { type AnyQueue, isQueue, type Queue } from '../define/queue.ts';
import { isPlain, recorded } from '../define/recorded.ts';
import type { ConfigOf } from '../define/service-options.ts';
import type { BatchJob, Job } from './job.ts';
import { workerBattery } from './read-worker.ts';
import type { BatchOptions, WorkerOptions } from './worker-options.ts';

type Nothing = Record<never, never>;

/** The type itself, but not a place to infer it from: in a list of children any name will do. */
type Found<Type> = [Type] extends [infer Same extends string] ? Same : never;

/** The ready value of `worker()`. */
export interface JobWorker {
  /** The name of its queue. */
  readonly queue: string;
  /** How many jobs have a place: their handlers run, or wait for others of their batch. */
  readonly running: number;
  /** How it finds its queue. */
  readonly standing: 'open' | 'paused' | 'unreachable';
}

/**
 * Defines a worker: a service that runs the jobs of a queue, each an actor of its own below it. A
 * handler that returns has done its job, and what it returns is the result; one that throws is tried
 * again, as the queue says.
 *
 * ```ts
 * const mailer = worker(emails, { concurrency: 10, needs: { smtp } }, async (job) => {
 *   await job.needs.smtp.send(job.payload.to, { signal: job.signal });
 * });
 * ```
 *
 * A job runs at least once: see what that means for what its handler does. When the system drains,
 * nothing more is claimed, and what runs may end within half of the grace period. When it is stopped,
 * all handlers are asked to stop and have its `stopWithin`; those that obey give their jobs back.
 */
export function worker<Payload, Delivered, Result, Name extends string>(
  queue: Queue<Payload, Delivered, Result, Name>,
  handler: (job: Job<Delivered>) => NoInfer<Result> | PromiseLike<NoInfer<Result>>,
): ServiceDefinition<Name, JobWorker, Nothing>;
export function worker<
  Payload,
  Delivered,
  Result,
  QueueName extends string,
  Declared extends Needs = Nothing,
  Schema extends StandardSchemaV1 | undefined = undefined,
  Scope = Nothing,
  const Name extends string = QueueName,
>(
  queue: Queue<Payload, Delivered, Result, QueueName>,
  options: WorkerOptions<Delivered, Declared, Schema, Scope, ValidName<Name>> & {
    readonly batch?: undefined;
  },
  handler: (
    job: Job<Delivered, NoInfer<Declared>, ConfigOf<NoInfer<Schema>>, NoInfer<Scope>>,
  ) => NoInfer<Result> | PromiseLike<NoInfer<Result>>,
): ServiceDefinition<Found<Name>, JobWorker, Nothing>;
export function worker<
  Payload,
  Delivered,
  Result,
  QueueName extends string,
  Declared extends Needs = Nothing,
  Schema extends StandardSchemaV1 | undefined = undefined,
  Scope = Nothing,
  const Name extends string = QueueName,
>(
  queue: Queue<Payload, Delivered, Result, QueueName>,
  options: WorkerOptions<Delivered, Declared, Schema, Scope, ValidName<Name>> & {
    /** Jobs are handed over together: the handler takes a list, and all of it fails when it throws. */
    readonly batch: BatchOptions;
  },
  handler: (
    jobs: readonly BatchJob<
      Delivered,
      NoInfer<Declared>,
      ConfigOf<NoInfer<Schema>>,
      NoInfer<Scope>
    >[],
  ) => unknown,
): ServiceDefinition<Found<Name>, JobWorker, Nothing>;
export function worker(queue: AnyQueue, second: unknown, third?: unknown): ServiceDefinition {
  const isHandler = typeof second === 'function';
  const options = isHandler ? {} : recorded(second);
  const named = isPlain(options) ? options.name : undefined;
  const name = named ?? (isQueue(queue) ? queue.name : 'worker');
  return Object.freeze({
    kind: 'service',
    name: name as string,
    options,
    body: workerBattery(queue, isHandler ? second : third),
  });
}
