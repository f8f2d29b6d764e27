import type { Context } from '../../define/context.ts';
import { Faults } from '../../define/faults.ts';
import { OptionReader } from '../../define/option-reader.ts';
import { defaultPolicy, type WorkerPolicy } from './worker-policy.ts';

/** The options of a worker beside those of every service. */
export const workerOptions = [
  'concurrency',
  'maxPending',
  'ageing',
  'keepFinished',
  'keepFor',
] as const;

type Name = (typeof workerOptions)[number];
type FromContext = (ctx: Context) => unknown;

/** What the options of a worker say. */
export interface WorkerOptionsRead {
  /** Plain data, for tools: what is known before the worker starts. */
  readonly told: Readonly<Record<string, unknown>>;
  /**
   * Of one incarnation.
   *
   * @throws DefinitionError when a function of the context gives what an option may not be
   */
  policyFor(ctx: Context): WorkerPolicy;
}

export function readWorkerOptions(reader: OptionReader): WorkerOptionsRead {
  const { path, faults } = reader;
  const fixed: Partial<Record<Name, unknown>> = {};
  const asked: [Name, FromContext][] = [];
  for (const name of workerOptions) {
    const value = reader.raw(name);
    if (typeof value === 'function') asked.push([name, value as FromContext]);
    else fixed[name] = value;
  }
  const policy = readPolicy(new OptionReader(fixed, path, faults));
  if (asked.length === 0) return { told: { ...policy }, policyFor: () => policy };
  const unknown = asked.flatMap(([name]) => [name, `${name}Ms`]);
  return {
    told: Object.fromEntries(Object.entries(policy).filter(([name]) => !unknown.includes(name))),
    policyFor(ctx) {
      const answers = Object.fromEntries(asked.map(([name, ask]) => [name, ask(ctx)]));
      const found = new Faults();
      const answered = readPolicy(new OptionReader({ ...fixed, ...answers }, ctx.path, found));
      found.throwIfAny();
      return answered;
    },
  };
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
