import type { Battery } from '../define/battery.ts';
import type { Faults } from '../define/faults.ts';
import { OptionReader } from '../define/option-reader.ts';
import { type AnyQueue, isQueue, type QueueSpec } from '../define/queue.ts';
import { isPlain } from '../define/recorded.ts';
import { isThenable, show } from '../define/show.ts';
import { type Backstage, backstage } from '../kernel/backstage.ts';
import { BatchPlaces, type BatchPolicy } from './batch.ts';
import { crewHooks } from './crew-hooks.ts';
import { twoQueuesHint, twoQueuesText } from './errors.ts';
import { SinglePlaces, type Work } from './handlers.ts';
import type { ScopeFactories } from './job.ts';
import { differenceOf } from './queue-book.ts';
import { defaultQueue } from './read-queue.ts';

/** What the specs of workers say they are. */
export const batteryKind = 'worker';

/** The options of a queue that are plain data. */
export type QueueRules = Omit<QueueSpec, 'payload'>;

/** Everything that a worker was told, as plain data. */
export interface WorkerPolicy {
  /** The name of its queue. */
  readonly queue: string;
  /** How its jobs are tried; the schema of their payloads is left out. */
  readonly rules: QueueRules;
  readonly concurrency: number;
  readonly batch: BatchPolicy | undefined;
  readonly perJob: readonly string[];
}

const ofQueue = 'It is an option of queue().';
const misplaced: Readonly<Record<string, string>> = {
  payload: ofQueue,
  maxAttempts: ofQueue,
  maxRetries: "It is an option of queue(), and called 'maxAttempts'.",
  timeout: ofQueue,
  cancelWithin: ofQueue,
  lease: ofQueue,
  perKey: ofQueue,
  rateLimit: ofQueue,
  keep: ofQueue,
};

/**
 * @param queue what was given as one
 * @param handler what its jobs are handed to
 */
export function workerBattery(queue: AnyQueue, handler: unknown): Battery {
  return {
    battery: 'worker()',
    options: ['name', 'concurrency', 'batch', 'perJob'],
    misplaced,
    read(reader) {
      const hint = "worker(emails, async (job) => { ... }), with emails = queue('emails').";
      checkQueue(reader, queue, hint);
      if (typeof handler !== 'function') refuseHandler(reader, handler);
      const factories = readPerJob(reader);
      const batch = readBatch(reader);
      const policy: WorkerPolicy = Object.freeze({
        ...toldOf(queue),
        concurrency: reader.number('concurrency', batch ? 1 : 10, { min: 1, isWhole: true }),
        batch,
        perJob: Object.keys(factories),
      });
      return crewHooks(queue, {
        battery: {
          kind: batteryKind,
          policy: policy as unknown as Readonly<Record<string, unknown>>,
          work: handler as Work,
        },
        factories,
        placesOf: (ctx) => placesOf(backstage(ctx), queue, policy),
      });
    },
  };
}

/** What is wrong with a queue is said where whoever claims its jobs is read. */
export function checkQueue(reader: OptionReader, queue: AnyQueue, hint: string): void {
  if (isQueue(queue)) checkAgainstOthers(reader, queue);
  else refuseQueue(reader, queue, hint);
}

/** What of a queue is told as plain data. */
export function toldOf(queue: AnyQueue): Pick<WorkerPolicy, 'queue' | 'rules'> {
  const { payload: _schema, ...rules } = isQueue(queue) ? queue.spec : defaultQueue;
  return { queue: isQueue(queue) ? queue.name : '', rules: Object.freeze(rules) };
}

function placesOf(stage: Backstage, { spec }: AnyQueue, { concurrency, batch }: WorkerPolicy) {
  const work = () => workOf(stage);
  return batch
    ? new BatchPlaces(concurrency, batch, spec, stage.clock, work)
    : new SinglePlaces(concurrency, spec, work);
}

/** What the worker calls, as its spec has it now: a simulation may have put faults around it. */
function workOf({ node }: Backstage): Work {
  const { spec } = node;
  const work =
    spec.kind === 'service' && spec.body.kind === 'hooks' ? spec.body.battery?.work : undefined;
  if (!work) throw new TypeError(`${node.path} is no worker.`);
  return work;
}

function readPerJob(reader: OptionReader): ScopeFactories {
  const given = reader.raw('perJob');
  if (given === undefined) return {};
  const hint = 'perJob: { cart: (job) => new Cart(job.id) }';
  if (!isPlain(given)) {
    reader.refuse('DARUMA_INVALID_OPTION', 'perJob', 'it must be an object of functions.', hint);
    return {};
  }
  for (const [name, factory] of Object.entries(given)) {
    if (typeof factory === 'function') continue;
    const message = `perJob.${name} is ${show(factory)}; it must be a function of the job.`;
    reader.faults.add('DARUMA_INVALID_OPTION', reader.path, message, { hint });
  }
  return Object.freeze({ ...given }) as ScopeFactories;
}

function readBatch(reader: OptionReader): BatchPolicy | undefined {
  const given = reader.raw('batch');
  if (given === undefined) return undefined;
  if (!isPlain(given) || given.size === undefined) {
    const hint = "batch: { size: 50, wait: '100ms' }";
    reader.refuse('DARUMA_INVALID_OPTION', 'batch', 'it must have a size.', hint);
    return undefined;
  }
  const inner = new OptionReader(given, reader.path, reader.faults, 'batch.');
  inner.refuseUnknown(['size', 'wait']);
  return Object.freeze({
    size: inner.number('size', 1, { min: 1, isWhole: true }),
    waitMs: inner.duration('wait', 100),
  });
}

/** The queues of a tree that is being compiled, each with the worker that was found first. */
const found = new WeakMap<
  Faults,
  Map<string, { readonly queue: AnyQueue; readonly path: string }>
>();

function checkAgainstOthers({ path, faults }: OptionReader, queue: AnyQueue): void {
  const queues = found.get(faults) ?? new Map();
  found.set(faults, queues);
  const other = queues.get(queue.name);
  if (!other) return void queues.set(queue.name, { queue, path });
  const difference = differenceOf(other.queue.spec, queue.spec);
  if (difference === undefined) return;
  faults.add('DARUMA_INVALID_QUEUE', path, twoQueuesText(other.queue, queue, difference), {
    hint: twoQueuesHint,
    paths: [other.path, path],
  });
}

function refuseQueue({ path, faults }: OptionReader, queue: unknown, hint: string): void {
  const message = `its queue is ${show(queue)}; it must be one that queue() has made.`;
  faults.add('DARUMA_INVALID_QUEUE', path, message, { hint });
}

function refuseHandler({ path, faults }: OptionReader, handler: unknown): void {
  const message = `its handler is ${show(handler)}; it must be a function.`;
  const hint = isThenable(handler)
    ? 'Was the function called? Give the function itself.'
    : 'worker(emails, { concurrency: 10 }, async (job) => { ... }), the options before the handler.';
  faults.add('DARUMA_INVALID_BODY', path, message, { hint });
}
