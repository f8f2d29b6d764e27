import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../../../actors/rules/duration.ts';
import type { ServiceDefinition } from '../../define/definition.ts';
import type { ValidName } from '../../define/names.ts';
import type { Needs } from '../../define/needs.ts';
import type { MessagesFrom } from '../../define/receivers.ts';
import { isPlain, recorded } from '../../define/recorded.ts';
import type { Schedule } from './handle.ts';
import type { AtOptions, CronOptions, EveryOptions, OrFrom, Work } from './options.ts';
import { scheduleBattery } from './read-schedule.ts';

type Nothing = Record<never, never>;

/**
 * Runs something again and again, once a period on a clock that never jumps. The first run is one
 * period after the start, unless `immediately`; a run that takes longer than a period makes the next
 * tick be skipped, unless `overlap`.
 *
 * ```ts
 * every('compact', '1h', async (ctx) => compact(ctx.signal));
 * every('poll', (ctx) => ctx.config.interval, { config, jitter: '5s' }, poll);
 * ```
 *
 * @param duration the period; or a function of the context, asked at every start
 */
export function every<const Name extends string>(
  name: ValidName<Name>,
  duration: OrFrom<Duration, Nothing, undefined>,
  work: Work<Nothing, undefined>,
): ServiceDefinition<Name, Schedule, Nothing>;
export function every<
  const Name extends string,
  Declared extends Needs = Nothing,
  Schema extends StandardSchemaV1 | undefined = undefined,
  Receive = Nothing,
>(
  name: ValidName<Name>,
  duration: OrFrom<Duration, NoInfer<Declared>, NoInfer<Schema>>,
  options: EveryOptions<Declared, Schema, Receive>,
  work: Work<NoInfer<Declared>, NoInfer<Schema>>,
): ServiceDefinition<Name, Schedule, MessagesFrom<Receive>>;
export function every(name: string, duration: unknown, ...rest: unknown[]): ServiceDefinition {
  return defined('every', name, duration, rest);
}

/**
 * Runs something at times of day: `'30 2 * * *'` is 02:30 every day, in the `timezone` of the
 * options. On the day when clocks go forward a time that does not exist runs right after the gap; on
 * the day when they go back a fixed time runs once, the first time.
 *
 * ```ts
 * cron('report', '0 9 * * MON-FRI', { timezone: 'Europe/Zurich' }, sendReport);
 * ```
 *
 * @param expression the cron expression; or a function of the context, asked at every start
 */
export function cron<const Name extends string>(
  name: ValidName<Name>,
  expression: OrFrom<string, Nothing, undefined>,
  work: Work<Nothing, undefined>,
): ServiceDefinition<Name, Schedule, Nothing>;
export function cron<
  const Name extends string,
  Declared extends Needs = Nothing,
  Schema extends StandardSchemaV1 | undefined = undefined,
  Receive = Nothing,
>(
  name: ValidName<Name>,
  expression: OrFrom<string, NoInfer<Declared>, NoInfer<Schema>>,
  options: CronOptions<Declared, Schema, Receive>,
  work: Work<NoInfer<Declared>, NoInfer<Schema>>,
): ServiceDefinition<Name, Schedule, MessagesFrom<Receive>>;
export function cron(name: string, expression: unknown, ...rest: unknown[]): ServiceDefinition {
  return defined('cron', name, expression, rest);
}

/**
 * Runs something once, at a date, and ends. A date that had passed before the start is skipped,
 * unless `ifPast: 'run'`.
 *
 * ```ts
 * at('switch-over', '2027-01-01T00:00:00Z', async (ctx) => switchOver(ctx.signal));
 * ```
 *
 * @param date a Date, milliseconds since the epoch, or ISO text with an offset; or a function of the
 * context, asked at every start
 */
export function at<const Name extends string>(
  name: ValidName<Name>,
  date: OrFrom<Date | number | string, Nothing, undefined>,
  work: Work<Nothing, undefined>,
): ServiceDefinition<Name, Schedule, Nothing>;
export function at<
  const Name extends string,
  Declared extends Needs = Nothing,
  Schema extends StandardSchemaV1 | undefined = undefined,
  Receive = Nothing,
>(
  name: ValidName<Name>,
  date: OrFrom<Date | number | string, NoInfer<Declared>, NoInfer<Schema>>,
  options: AtOptions<Declared, Schema, Receive>,
  work: Work<NoInfer<Declared>, NoInfer<Schema>>,
): ServiceDefinition<Name, Schedule, MessagesFrom<Receive>>;
export function at(name: string, date: unknown, ...rest: unknown[]): ServiceDefinition {
  const [first, second] = rest;
  // A copy: the caller may move its date on.
  const own = date instanceof Date ? new Date(date) : date;
  const { restart = 'transient' } = isPlain(first) ? first : {};
  if (typeof first === 'function') return defined('at', name, own, [{ restart }, first]);
  return defined('at', name, own, [isPlain(first) ? { ...first, restart } : first, second]);
}

function defined(
  kind: 'every' | 'cron' | 'at',
  name: string,
  timing: unknown,
  rest: readonly unknown[],
): ServiceDefinition {
  const [first, second] = rest;
  const isWork = typeof first === 'function';
  return Object.freeze({
    kind: 'service',
    name,
    options: isWork ? {} : recorded(first),
    body: scheduleBattery(kind, timing, isWork ? first : second),
  });
}
