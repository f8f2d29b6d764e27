import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../../../actors/rules/duration.ts';
import type { ReadInner } from '../../define/battery.ts';
import type { OptionReader } from '../../define/option-reader.ts';
import { isPlain } from '../../define/recorded.ts';
import type { Schedule } from '../../services/schedules/handle.ts';
import type { CronOptions, EveryOptions } from '../../services/schedules/options.ts';
import { scheduleBattery } from '../../services/schedules/read-schedule.ts';
import type { RunContext } from '../../services/schedules/run-context.ts';
import { intakeAround } from './intake.ts';
import type { Producer } from './pipeline-types.ts';
import { producing } from './producing.ts';

type Own<Options> = Omit<
  Options,
  'restart' | 'significant' | 'backoff' | 'receive' | 'mailbox' | 'whileDown' | 'needs' | 'config'
>;

/** Options of the schedule of a producer: those of `every()`. */
export type FromEveryOptions = Own<EveryOptions<unknown, StandardSchemaV1 | undefined, never>>;
/** Options of the schedule of a producer: those of `cron()`. */
export type FromCronOptions = Own<CronOptions<unknown, StandardSchemaV1 | undefined, never>>;

/** Makes an item for one run. What is undefined is none. */
export type MakeItem<Item> = (ctx: RunContext) => Item | Promise<Item>;

type Made<Item> = Producer<Exclude<Item, undefined>, Schedule>;

/**
 * A producer that makes an item once a period, as `every()` runs its work. While the pipeline is full
 * a run waits, and the ticks meanwhile are skipped, or what `overlap` says.
 *
 * ```ts
 * .producer('ticks', fromEvery('5m', (ctx) => ({ type: 'tick', due: ctx.due })))
 * ```
 */
export function fromEvery<Item>(period: Duration, make: MakeItem<Item>): Made<Item>;
export function fromEvery<Item>(
  period: Duration,
  options: FromEveryOptions,
  make: MakeItem<Item>,
): Made<Item>;
export function fromEvery<Item>(period: Duration, ...rest: readonly unknown[]): Made<Item> {
  return scheduled('every', period, rest);
}

/** The same at times of day, as `cron()`. */
export function fromCron<Item>(expression: string, make: MakeItem<Item>): Made<Item>;
export function fromCron<Item>(
  expression: string,
  options: FromCronOptions,
  make: MakeItem<Item>,
): Made<Item>;
export function fromCron<Item>(expression: string, ...rest: readonly unknown[]): Made<Item> {
  return scheduled('cron', expression, rest);
}

function scheduled<Item>(
  kind: 'every' | 'cron',
  timing: unknown,
  rest: readonly unknown[],
): Made<Item> {
  const [options, make] = rest.length > 1 ? rest : [{}, rest[0]];
  const battery = scheduleBattery(kind, timing, typeof make === 'function' ? putting : make);
  return Object.freeze({
    kind: 'producer',
    options: isPlain(options) ? options : { options },
    battery: {
      ...battery,
      read: (reader: OptionReader, readInner: ReadInner) =>
        producing(battery.read(reader, readInner)),
    },
  });

  async function putting(ctx: RunContext): Promise<void> {
    const item = await (make as MakeItem<Item>)(ctx);
    if (item === undefined) return;
    const intake = intakeAround(ctx);
    if (await intake.take()) intake.put(item);
  }
}
