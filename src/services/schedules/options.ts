import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../../../actors/rules/duration.ts';
import type { Missed } from '../../../actors/rules/missed.ts';
import type { Overlap } from '../../../actors/rules/overlap.ts';
import type { Context } from '../../define/context.ts';
import type { Ignore } from '../../define/ignore.ts';
import type { BackoffOptions, CommonServiceOptions } from '../../define/options.ts';
import type { Receivers } from '../../define/receivers.ts';
import type { ConfigOf } from '../../define/service-options.ts';
import type { RunContext } from './run-context.ts';

/** How a run that failed is tried again, before it counts as failed. */
export interface RunRetryOptions {
  /** How often the work is called at most, the first time included. Minimum: 1. @default 1 */
  readonly maxAttempts?: number;
  /** The delay before each further attempt. @default { first: '100ms', max: '30s' } */
  readonly backoff?: Omit<BackoffOptions, 'resetAfter'>;
}

/** What all schedules have in common, beside the options of every service. */
export interface ScheduleOptions<Declared, Schema extends StandardSchemaV1 | undefined, Receive>
  extends CommonServiceOptions<
    Declared,
    Schema,
    Receive & Receivers<Context<Declared, ConfigOf<Schema>>>
  > {
  /**
   * Who runs a tick: every replica of the program, or one of all that share a storage. With
   * `'cluster'` it is also remembered from one process to the next what was run last, so that
   * `missed` counts for what came due while none was up; the periods of `every` are multiples of
   * themselves since the epoch; and what a run has begun is not run again after a crash.
   *
   * @default 'replica'
   */
  readonly once?: 'replica' | 'cluster';
  /** @default one attempt: the next tick is the next try */
  readonly retry?: RunRetryOptions;
  /**
   * What one attempt may take, from its begin. Then its signal is cancelled, and it has failed; one
   * that has not ended after the `stopWithin` of the service fails the service.
   *
   * @default no limit
   */
  readonly timeout?: Duration;
  /**
   * So many failed runs in a row fail the service, which its supervisor then restarts or gives up.
   * Minimum: 1. @default never
   */
  readonly failAfter?: number;
  /** Each tick begins up to so much later than it is due, at random. @default 0 */
  readonly jitter?: Duration;
  /** Later than this, a tick counts as missed. @default '2m' */
  readonly missedAfter?: Duration;
}

/** What schedules that run again and again have in common. */
export interface RepeatingOptions<Declared, Schema extends StandardSchemaV1 | undefined, Receive>
  extends ScheduleOptions<Declared, Schema, Receive> {
  /**
   * What a tick does that comes due while a run is under way: nothing, wait for its end, cancel it
   * and follow it, or run beside it.
   *
   * @default 'skip'; of `inTransaction` 'queue'
   */
  readonly overlap?: Overlap;
  /** How many ticks may wait with `overlap: 'queue'`. Minimum: 1. @default 1; of `inTransaction` 1000 */
  readonly maxQueued?: number;
  /** How many runs there may be at a time with `overlap: 'allow'`. Minimum: 1. @default 10 */
  readonly concurrency?: number;
  /**
   * What becomes of ticks that nobody was there to see, because the machine slept, its clock was set
   * forward, the event loop was blocked or the schedule was down: one run for all of them, one for
   * each, or none.
   *
   * @default 'once'
   */
  readonly missed?: Missed;
  /** How many missed ticks `missed: 'all'` runs: the latest. From 1 to 1000. @default 100 */
  readonly maxMissed?: number;
  /** The first tick is due at the start of every incarnation. @default false */
  readonly immediately?: boolean;
}

export interface EveryOptions<Declared, Schema extends StandardSchemaV1 | undefined, Receive>
  extends RepeatingOptions<Declared, Schema, Receive> {
  /**
   * What a period is counted from: `fixed-rate` from the start, so that nothing adds up;
   * `fixed-delay` from the end of each run.
   *
   * @default 'fixed-rate'
   */
  readonly pace?: 'fixed-rate' | 'fixed-delay';
}

export interface CronOptions<Declared, Schema extends StandardSchemaV1 | undefined, Receive>
  extends RepeatingOptions<Declared, Schema, Receive> {
  /** The IANA time zone of the expression: `'Europe/Zurich'`. @default 'UTC' */
  readonly timezone?: string;
}

export interface AtOptions<Declared, Schema extends StandardSchemaV1 | undefined, Receive>
  extends Omit<ScheduleOptions<Declared, Schema, Receive>, 'restart'> {
  /**
   * A one-shot ends when it has run, so that it cannot be permanent.
   *
   * @default 'transient'
   */
  readonly restart?: 'transient' | 'temporary';
  /**
   * What becomes of a date that passes while nobody is there to see it: it is run as soon as
   * somebody is, or not at all.
   *
   * @default 'once'
   */
  readonly missed?: 'once' | 'drop';
  /**
   * What becomes of a date that has passed before the system started. Nobody knows then whether it
   * has run in an earlier process. @default 'skip'
   */
  readonly ifPast?: 'skip' | 'run';
}

/**
 * A value, or a function of the context that gives it when the schedule starts; it answers `ignore`
 * when the schedule is not wanted.
 */
export type OrFrom<Value, Declared, Schema> =
  | Value
  | ((ctx: Context<Declared, ConfigOf<Schema>, undefined>) => Value | Ignore);

/** What a schedule runs. What it returns is awaited and dropped; what it throws fails the attempt. */
export type Work<Declared, Schema> = (ctx: RunContext<Declared, ConfigOf<Schema>>) => unknown;
