import { parseDuration } from '../../../actors/rules/duration.ts';
import type { Battery } from '../../define/battery.ts';
import type { Context } from '../../define/context.ts';
import { defaultBackoff, defaultService } from '../../define/defaults.ts';
import { OptionReader } from '../../define/option-reader.ts';
import { readBackoff } from '../../define/read-item.ts';
import { isThenable, show } from '../../define/show.ts';
import type { HooksSpec } from '../../define/spec.ts';
import { type Backstage, backstage } from '../../kernel/backstage.ts';
import type { LiveContext } from '../../kernel/live-context.ts';
import type { Call } from './attempt.ts';
import type { Buffer } from './flow.ts';
import { type Flow, flowAt } from './flow.ts';
import type { Line } from './line.ts';
import { type Outlet, Station, type StationPolicy } from './station.ts';

/** What handlers and consumers have in common. */
const common = ['concurrency', 'timeout', 'retry', 'onError'];
const overflows = ['wait', 'drop-oldest', 'drop-newest', 'fail'] as const;

interface Kind {
  readonly kind: 'handler' | 'consumer';
  readonly options: readonly string[];
  readonly concurrency: number;
  readonly maxAttempts: number;
  readonly onError: 'report' | 'fail';
  line(flow: Flow, index: number): Line | undefined;
  outlet(flow: Flow): Outlet;
}

const handlerKind: Kind = {
  kind: 'handler',
  options: common,
  concurrency: Number.POSITIVE_INFINITY,
  maxAttempts: 1,
  onError: 'report',
  line: (flow, index) => flow.handlers[index],
  outlet: (flow) => ({
    returned: (entry, value) => flow.forward(entry, value),
    done: (entry) => flow.done(entry),
    failed: (entry, error) => flow.failed(entry, error),
  }),
};

const consumerKind: Kind = {
  kind: 'consumer',
  options: [...common, 'buffer', 'overflow'],
  concurrency: 1,
  maxAttempts: 5,
  onError: 'fail',
  line: (flow, index) => flow.consumers[index],
  outlet: (flow) => ({
    returned: () => undefined,
    done: (entry) => flow.done(entry),
    failed: (entry, error) => flow.failed(entry, error),
  }),
};

/** @param index which of the handlers it is; @param work the function of the user */
export function handlerBattery(index: number, told: object, work: unknown): Battery {
  return stationBattery(handlerKind, index, told, work);
}

/** @param index which of the consumers it is; @param work the function of the user */
export function consumerBattery(index: number, work: unknown): Battery {
  return stationBattery(consumerKind, index, {}, work);
}

function stationBattery(kind: Kind, index: number, told: object, work: unknown): Battery {
  return {
    battery: kind.kind,
    options: kind.options,
    read(reader) {
      if (typeof work !== 'function') refuseWork(reader, kind, work);
      const policy = readPolicy(reader, kind);
      const buffer = kind.kind === 'consumer' ? readBuffer(reader) : {};
      return hooksOf(kind, index, policy, { ...told, ...buffer }, work as HooksSpec['run']);
    },
  };
}

function hooksOf(
  kind: Kind,
  index: number,
  policy: StationPolicy,
  told: object,
  work: HooksSpec['run'],
): HooksSpec {
  return {
    kind: 'hooks',
    start: (ctx: Context) => open(ctx, kind, index, policy),
    run: (_ctx: unknown, station: Station) => station.run(),
    stop: (_ctx: unknown, station: Station) => station.stop(),
    drain: undefined,
    ready: 'immediate',
    battery: {
      kind: kind.kind,
      policy: { ...told, ...plain(policy) },
      // The context first: that is where a simulation looks for the signal.
      ...(work && { work: (ctx: unknown, value: unknown) => work(value, ctx) }),
    },
  };
}

function open(ctx: Context, kind: Kind, index: number, policy: StationPolicy): Station {
  const stage = backstage(ctx);
  const flow = flowAt(stage.kernel, stage.path);
  const line = kind.line(flow, index);
  if (!line) throw new TypeError(`${stage.path} is no part of this pipeline.`);
  const base = ctx as unknown as LiveContext;
  return new Station(base, stage, line, policy, kind.outlet(flow), () => workOf(stage));
}

/** What it calls, as its spec has it now: a simulation may have put faults around it. */
function workOf({ node }: Backstage): Call {
  const { spec } = node;
  const work =
    spec.kind === 'service' && spec.body.kind === 'hooks' ? spec.body.battery?.work : undefined;
  if (!work) throw new TypeError(`${node.path} is no part of a pipeline.`);
  return work;
}

function readPolicy(reader: OptionReader, kind: Kind): StationPolicy {
  return Object.freeze({
    concurrency: readCount(reader, 'concurrency', kind.concurrency),
    timeoutMs: reader.duration('timeout', Number.POSITIVE_INFINITY, { isPositive: true }),
    onError: readOnError(reader, kind),
    settleWithinMs: settleLimit(reader),
    ...readRetry(reader, kind.maxAttempts),
  });
}

/** How many results may wait for a consumer. Faults are for whoever reads all of its options. */
export function readBuffer(reader: OptionReader): Buffer {
  return {
    limit: readCount(reader, 'buffer', 1_000),
    overflow: reader.choice('overflow', overflows, 'wait'),
  };
}

/** A whole number, or no limit. */
export function readCount(reader: OptionReader, name: string, fallback: number): number {
  const given = reader.raw(name);
  if (given === 'infinity' || given === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return reader.number(name, fallback, { min: 1, isWhole: true });
}

function readOnError(reader: OptionReader, kind: Kind): StationPolicy['onError'] {
  const given = reader.raw('onError');
  if (given === undefined) return kind.onError;
  if (given === 'report' || given === 'fail' || typeof given === 'function') {
    return given as StationPolicy['onError'];
  }
  const problem = "it must be 'report', 'fail' or a function.";
  reader.refuse('DARUMA_INVALID_OPTION', 'onError', problem, '(error, ctx) => keep(ctx.item)');
  return kind.onError;
}

function readRetry(
  reader: OptionReader,
  maxAttempts: number,
): Pick<StationPolicy, 'maxAttempts' | 'retryBackoff'> {
  const given = reader.raw('retry');
  const none = { maxAttempts, retryBackoff: defaultBackoff };
  if (given === undefined) return none;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const hint = "retry: { maxAttempts: 3, backoff: { first: '1s' } }";
    reader.refuse('DARUMA_INVALID_OPTION', 'retry', 'it must be an object.', hint);
    return none;
  }
  const inner = new OptionReader(given, reader.path, reader.faults, 'retry.');
  inner.refuseUnknown(['maxAttempts', 'backoff'], {
    maxRetries: "Did you mean 'maxAttempts'? It counts the first attempt as well.",
  });
  return {
    maxAttempts: inner.number('maxAttempts', maxAttempts, { min: 1, isWhole: true }),
    retryBackoff: readBackoff(inner, defaultBackoff),
  };
}

/** The stopWithin of the service, which reads it and says what is wrong with it. */
function settleLimit(reader: OptionReader): number {
  const given = reader.raw('stopWithin');
  if (given === 'brutal') return 0;
  if (given === 'infinity') return Number.POSITIVE_INFINITY;
  return parseDuration(given) ?? (defaultService.stopWithinMs as number);
}

function plain({ onError, ...rest }: StationPolicy): Readonly<Record<string, unknown>> {
  return { ...rest, onError: typeof onError === 'function' ? 'function' : onError };
}

function refuseWork({ path, faults }: OptionReader, { kind }: Kind, work: unknown): void {
  const message = `this ${kind} is ${show(work)}; it must be a function.`;
  const given = kind === 'handler' ? 'payload' : 'result';
  const hint = isThenable(work)
    ? 'Was the function called? Give the function itself.'
    : `async (${given}, ctx) => { ... }, with options before it.`;
  faults.add('DARUMA_INVALID_BODY', path, message, { hint });
}
