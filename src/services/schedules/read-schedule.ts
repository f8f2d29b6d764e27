import { parseDuration } from '../../../actors/rules/duration.ts';
import { mostCounted } from '../../../actors/rules/timetable.ts';
import type { Battery } from '../../define/battery.ts';
import type { Context } from '../../define/context.ts';
import { defaultBackoff, defaultService } from '../../define/defaults.ts';
import { type Ignore, ignore } from '../../define/ignore.ts';
import { OptionReader } from '../../define/option-reader.ts';
import { readBackoff } from '../../define/read-item.ts';
import { show } from '../../define/show.ts';
import type { HooksSpec } from '../../define/spec.ts';
import type { LiveContext } from '../../kernel/live-context.ts';
import { invalidTimingError } from './errors.ts';
import { isTransactional } from './in-transaction.ts';
import { LiveSchedule, lifeOf } from './live-schedule.ts';
import { batteryKind, type SchedulePolicy } from './policy.ts';
import { ScheduleLife } from './schedule-life.ts';
import {
  faultOfTimezone,
  isTimingFault,
  readDate,
  readExpression,
  readPeriod,
  type Timing,
  type TimingFault,
} from './timing.ts';

type Kind = Timing['kind'];

const common = ['once', 'retry', 'timeout', 'failAfter', 'jitter', 'missed', 'missedAfter'];
const repeating = ['overlap', 'maxQueued', 'concurrency', 'maxMissed', 'immediately'];

const usualOverlap = { overlap: 'skip', maxQueued: 1 } as const;
/** No tick is lost because an earlier one waits for its storage. */
const overlapInTransaction = { overlap: 'queue', maxQueued: 1_000 } as const;

/** The options of its own that each kind of schedule has. */
export const scheduleOptions: Readonly<Record<Kind, readonly string[]>> = {
  every: [...common, ...repeating, 'pace'],
  cron: [...common, ...repeating, 'timezone'],
  at: [...common, 'ifPast'],
};

/**
 * @param given the duration, expression or date, or a function that gives it
 * @param work what is run
 */
export function scheduleBattery(kind: Kind, given: unknown, work: unknown): Battery {
  return {
    battery: `${kind}()`,
    options: scheduleOptions[kind],
    read(reader) {
      if (typeof work !== 'function') refuseWork(reader, work);
      const policy = readPolicy(kind, given, work, reader);
      return hooksOf(policy, given, work as HooksSpec['run']);
    },
  };
}

function hooksOf(policy: SchedulePolicy, given: unknown, work: HooksSpec['run']): HooksSpec {
  return {
    kind: 'hooks',
    start: async (ctx: Context) => {
      const timing = policy.timing ?? (await timingFrom(ctx, policy, given));
      if (timing === ignore) return ignore;
      return new LiveSchedule(new ScheduleLife(ctx as unknown as LiveContext, policy, timing));
    },
    run: (_ctx: unknown, handle: LiveSchedule) => lifeOf(handle).run(),
    drain: (_ctx: unknown, handle: LiveSchedule) => lifeOf(handle).drain(),
    stop: undefined,
    ready: 'immediate',
    battery: {
      kind: batteryKind,
      policy: policy as unknown as Readonly<Record<string, unknown>>,
      ...(work && { work }),
    },
  };
}

/** What a function of the context says: it is looked at as closely as what is written down. */
async function timingFrom(
  ctx: Context,
  policy: SchedulePolicy,
  given: unknown,
): Promise<Timing | Ignore> {
  const answer: unknown = await (given as (ctx: Context) => unknown)(ctx);
  if (answer === ignore) return ignore;
  const timing = readTiming(policy.kind, answer, policy.timezone);
  if (!isTimingFault(timing)) return timing;
  throw invalidTimingError(ctx.path, timing.problem, timing.hint);
}

function readTiming(kind: Kind, value: unknown, timezone: string): Timing | TimingFault {
  if (kind === 'every') return readPeriod(value);
  return kind === 'cron' ? readExpression(value, timezone) : readDate(value);
}

function readPolicy(
  kind: Kind,
  given: unknown,
  work: unknown,
  reader: OptionReader,
): SchedulePolicy {
  const timezone = readTimezone(reader);
  const timing = typeof given === 'function' ? undefined : readTiming(kind, given, timezone);
  if (timing && isTimingFault(timing)) {
    const { problem, hint } = timing;
    reader.faults.add('DARUMA_INVALID_SCHEDULE', reader.path, problem, { hint });
  }
  if (kind === 'at') refusePermanent(reader);
  const known = timing && !isTimingFault(timing) ? timing : undefined;
  const isInTransaction = isTransactional(work);
  const usual = isInTransaction ? overlapInTransaction : usualOverlap;
  const overlap = reader.choice('overlap', ['skip', 'queue', 'replace', 'allow'], usual.overlap);
  refuseUnless(reader, 'maxQueued', overlap === 'queue', "overlap: 'queue'");
  refuseUnless(reader, 'concurrency', reader.raw('overlap') === 'allow', "overlap: 'allow'");
  refuseUnless(reader, 'maxMissed', reader.raw('missed') === 'all', "missed: 'all'");
  const isShared = reader.choice('once', ['replica', 'cluster'], 'replica') === 'cluster';
  if (isShared) refuseOwnPace(reader);
  return Object.freeze({
    kind,
    timing: known,
    timezone,
    isShared,
    isTransactional: isInTransaction,
    isImmediate: reader.flag('immediately', false),
    ifPast: reader.choice('ifPast', ['skip', 'run'], 'skip'),
    pace: reader.choice('pace', ['fixed-rate', 'fixed-delay'], 'fixed-rate'),
    overlap,
    maxQueued: reader.number('maxQueued', usual.maxQueued, { min: 1, isWhole: true }),
    concurrency: reader.number('concurrency', 10, { min: 1, isWhole: true }),
    missed: readMissed(kind, reader),
    missedAfterMs: reader.duration('missedAfter', 120_000),
    maxMissed: readMaxMissed(reader),
    jitterMs: readJitter(reader, known),
    failAfter: reader.number('failAfter', Number.POSITIVE_INFINITY, { min: 1, isWhole: true }),
    timeoutMs: reader.duration('timeout', Number.POSITIVE_INFINITY, { isPositive: true }),
    settleWithinMs: settleLimit(reader),
    ...readRetry(reader),
  });
}

function readTimezone(reader: OptionReader): string {
  const timezone = reader.raw('timezone');
  if (timezone === undefined) return 'UTC';
  const fault =
    typeof timezone === 'string' ? faultOfTimezone(timezone) : 'it must be the name of one.';
  if (fault === undefined) return timezone as string;
  const hint = "Names of the IANA database: 'UTC', 'Europe/Zurich', 'America/New_York'.";
  reader.refuse('DARUMA_INVALID_SCHEDULE', 'timezone', fault, hint);
  return 'UTC';
}

function readMissed(kind: Kind, reader: OptionReader): SchedulePolicy['missed'] {
  if (kind === 'at') return reader.choice('missed', ['once', 'drop'], 'once');
  return reader.choice('missed', ['once', 'all', 'drop'], 'once');
}

function readMaxMissed(reader: OptionReader): number {
  const maxMissed = reader.number('maxMissed', 100, { min: 1, isWhole: true });
  if (maxMissed <= mostCounted) return maxMissed;
  const problem = `it must be ${mostCounted} or less.`;
  const hint = 'Work that must not lose any is a queue: let each run take in what is there.';
  reader.refuse('DARUMA_INVALID_OPTION', 'maxMissed', problem, hint);
  return 100;
}

function readJitter(reader: OptionReader, timing: Timing | undefined): number {
  const jitterMs = reader.duration('jitter', 0);
  if (timing?.kind !== 'every' || jitterMs < timing.periodMs) return jitterMs;
  const problem = 'it must be shorter than the period.';
  reader.refuse('DARUMA_INVALID_OPTION', 'jitter', problem, 'A tenth of the period is usual.');
  return 0;
}

function readRetry(reader: OptionReader): Pick<SchedulePolicy, 'maxAttempts' | 'retryBackoff'> {
  const given = reader.raw('retry');
  const none = { maxAttempts: 1, retryBackoff: defaultBackoff };
  if (given === undefined) return none;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const hint = "retry: { maxAttempts: 3, backoff: { first: '1s' } }";
    reader.refuse('DARUMA_INVALID_OPTION', 'retry', 'it must be an object.', hint);
    return none;
  }
  const inner = new OptionReader(given, reader.path, reader.faults, 'retry.');
  inner.refuseUnknown(['maxAttempts', 'backoff'], {
    maxRetries: "Did you mean 'maxAttempts'? It counts the first attempt as well.",
    attempts: "Did you mean 'maxAttempts'?",
  });
  const { resetAfter } = (inner.raw('backoff') ?? {}) as { readonly resetAfter?: unknown };
  if (resetAfter !== undefined) {
    const message = 'there is no option retry.backoff.resetAfter.';
    const hint = 'The delays of every run begin anew.';
    reader.faults.add('DARUMA_UNKNOWN_OPTION', reader.path, message, { hint });
  }
  return {
    maxAttempts: inner.number('maxAttempts', 1, { min: 1, isWhole: true }),
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

function refuseUnless(reader: OptionReader, name: string, isUsed: boolean, wanted: string): void {
  if (!reader.has(name) || isUsed) return;
  const problem = `it says nothing without ${wanted}.`;
  reader.refuse('DARUMA_INVALID_OPTION', name, problem, `Add ${wanted}, or remove ${name}.`);
}

/** Ticks that are counted from something that happens in one replica are no other replica's. */
function refuseOwnPace(reader: OptionReader): void {
  const problem = "with once: 'cluster' all replicas have the same ticks.";
  if (reader.raw('immediately') === true) {
    const hint = 'A tick at the start would be a different one in each: remove immediately.';
    reader.refuse('DARUMA_INVALID_OPTION', 'immediately', problem, hint);
  }
  if (reader.raw('pace') === 'fixed-delay') {
    const hint = "Use pace: 'fixed-rate', or a singleton with the schedule in it.";
    reader.refuse('DARUMA_INVALID_OPTION', 'pace', problem, hint);
  }
}

function refusePermanent(reader: OptionReader): void {
  if (reader.raw('restart') !== 'permanent') return;
  const problem = 'a one-shot ends when it has run.';
  reader.refuse('DARUMA_INVALID_RESTART', 'restart', problem, "Remove it, or use 'temporary'.");
}

function refuseWork({ path, faults }: OptionReader, work: unknown): void {
  const message = `what it runs is ${show(work)}; it must be a function.`;
  const hint = "every('name', '1m', async (ctx) => { ... }), with options before the function.";
  faults.add('DARUMA_INVALID_BODY', path, message, { hint });
}
