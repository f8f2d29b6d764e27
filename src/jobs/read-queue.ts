import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { BackoffPolicy } from '../../actors/rules/backoff.ts';
import { parseDuration } from '../../actors/rules/duration.ts';
import { Faults } from '../define/faults.ts';
import { faultOfName } from '../define/names.ts';
import { OptionReader } from '../define/option-reader.ts';
import type { QueueSpec } from '../define/queue.ts';
import { readBackoff } from '../define/read-item.ts';
import { isPlain } from '../define/recorded.ts';
import { show } from '../define/show.ts';

const known = [
  'payload',
  'maxAttempts',
  'backoff',
  'timeout',
  'cancelWithin',
  'lease',
  'perKey',
  'rateLimit',
  'keep',
];

const ofWorker = 'It is an option of worker().';
const ofJob = 'It is an option of enqueue().';
const misplaced: Readonly<Record<string, string>> = {
  schema: "Did you mean 'payload'?",
  maxRetries: "Did you mean 'maxAttempts'? It counts the first attempt as well.",
  retries: "Did you mean 'maxAttempts'? It counts the first attempt as well.",
  attempts: "Did you mean 'maxAttempts'?",
  visibilityTimeout: "Did you mean 'lease'?",
  concurrency: ofWorker,
  batch: ofWorker,
  perJob: ofWorker,
  needs: ofWorker,
  priority: ofJob,
  delay: ofJob,
  key: ofJob,
  name: 'The name is the first argument.',
};

const backoff: BackoffPolicy = Object.freeze({
  firstMs: 1_000,
  maxMs: 600_000,
  factor: 2,
  jitter: 'full',
  resetAfterMs: 0,
});

/** A queue whose options say nothing. */
export const defaultQueue: QueueSpec = Object.freeze({
  payload: undefined,
  maxAttempts: 5,
  backoff,
  timeoutMs: Number.POSITIVE_INFINITY,
  cancelWithinMs: 5_000,
  leaseMs: 30_000,
  perKey: Number.POSITIVE_INFINITY,
  rateLimit: undefined,
  keep: Object.freeze({
    completedMs: 3_600_000,
    deadMs: Number.POSITIVE_INFINITY,
    cancelledMs: 3_600_000,
  }),
});

const shortestLeaseMs = 1_000;
const infinity = { words: { infinity: Number.POSITIVE_INFINITY } };

/** @throws DefinitionError with everything that is wrong */
export function readQueue(name: string, options: object): QueueSpec {
  const faults = new Faults();
  const where = `queue ${typeof name === 'string' ? name : show(name)}`;
  const problem = faultOfName(name);
  if (problem) faults.add('DARUMA_INVALID_NAME', where, `its name ${problem}.`);
  if (!isPlain(options)) {
    const message = `its options are ${show(options)}; they must be an object.`;
    faults.add('DARUMA_INVALID_OPTION', where, message, { hint: "queue('emails', { ... })" });
  }
  const reader = new OptionReader(isPlain(options) ? options : {}, where, faults);
  reader.refuseUnknown(known, misplaced);
  const spec: QueueSpec = {
    payload: readSchema(reader),
    maxAttempts: reader.number('maxAttempts', 5, { min: 1, isWhole: true }),
    backoff: readJobBackoff(reader),
    timeoutMs: reader.duration('timeout', defaultQueue.timeoutMs, {
      ...infinity,
      isPositive: true,
    }),
    cancelWithinMs: reader.duration('cancelWithin', defaultQueue.cancelWithinMs, infinity),
    leaseMs: readLease(reader),
    perKey: readPerKey(reader),
    rateLimit: readRate(reader),
    keep: readKeep(reader),
  };
  faults.throwIfAny();
  return Object.freeze(spec);
}

function readSchema(reader: OptionReader): StandardSchemaV1 | undefined {
  const given = reader.raw('payload');
  const standard = (given as Partial<StandardSchemaV1> | undefined)?.['~standard'];
  if (given === undefined || typeof standard?.validate === 'function') {
    return given as StandardSchemaV1 | undefined;
  }
  const hint = 'As Valibot, Zod and ArkType make them. To name a type only: queue<Payload>(name).';
  reader.refuse('DARUMA_INVALID_OPTION', 'payload', 'it must be a Standard Schema.', hint);
  return undefined;
}

function readJobBackoff(reader: OptionReader): BackoffPolicy {
  const { resetAfter } = (reader.raw('backoff') ?? {}) as { readonly resetAfter?: unknown };
  if (resetAfter !== undefined) {
    const hint = 'The delays of every job begin anew.';
    const message = 'there is no option backoff.resetAfter.';
    reader.faults.add('DARUMA_UNKNOWN_OPTION', reader.path, message, { hint });
  }
  return readBackoff(reader, backoff);
}

function readLease(reader: OptionReader): number {
  const leaseMs = reader.duration('lease', defaultQueue.leaseMs);
  if (leaseMs >= shortestLeaseMs) return leaseMs;
  const problem = 'it must be 1 second or more.';
  const hint = 'A shorter one is lost whenever the event loop stands still for a moment.';
  reader.refuse('DARUMA_INVALID_OPTION', 'lease', problem, hint);
  return defaultQueue.leaseMs;
}

function readPerKey(reader: OptionReader): number | 'fifo' {
  const given = reader.raw('perKey');
  if (given === 'fifo') return given;
  if (given === undefined || given === 'infinity') return Number.POSITIVE_INFINITY;
  if (Number.isInteger(given) && (given as number) >= 1) return given as number;
  const problem = "it must be a whole number, 1 or more, 'fifo' or 'infinity'.";
  reader.refuse('DARUMA_INVALID_OPTION', 'perKey', problem);
  return Number.POSITIVE_INFINITY;
}

function readRate(reader: OptionReader): QueueSpec['rateLimit'] {
  const given = reader.raw('rateLimit');
  if (given === undefined) return undefined;
  if (!isPlain(given) || given.max === undefined || given.per === undefined) {
    const hint = "rateLimit: { max: 100, per: '1m' }";
    reader.refuse('DARUMA_INVALID_OPTION', 'rateLimit', 'it must have max and per.', hint);
    return undefined;
  }
  const inner = new OptionReader(given, reader.path, reader.faults, 'rateLimit.');
  inner.refuseUnknown(['max', 'per']);
  return Object.freeze({
    max: inner.number('max', 1, { min: 1, isWhole: true }),
    perMs: inner.duration('per', 1_000, { isPositive: true }),
  });
}

function readKeep(reader: OptionReader): QueueSpec['keep'] {
  const given = reader.raw('keep');
  if (given === undefined) return defaultQueue.keep;
  if (!isPlain(given)) {
    const isDuration = parseDuration(given) !== undefined;
    const hint = isDuration ? 'Say of which: keep: { completed: ... }.' : "keep: { dead: '30d' }";
    reader.refuse('DARUMA_INVALID_OPTION', 'keep', 'it must be an object.', hint);
    return defaultQueue.keep;
  }
  const inner = new OptionReader(given, reader.path, reader.faults, 'keep.');
  inner.refuseUnknown(['completed', 'dead', 'cancelled'], { failed: "Did you mean 'dead'?" });
  const { completedMs, deadMs, cancelledMs } = defaultQueue.keep;
  return Object.freeze({
    completedMs: inner.duration('completed', completedMs, infinity),
    deadMs: inner.duration('dead', deadMs, infinity),
    cancelledMs: inner.duration('cancelled', cancelledMs, infinity),
  });
}
