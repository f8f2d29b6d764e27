import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../../../actors/rules/duration.ts';
import type { Battery } from '../../define/battery.ts';
import type { Context } from '../../define/context.ts';
import type { ServiceDefinition } from '../../define/definition.ts';
import type { ValidName } from '../../define/names.ts';
import type { Needs } from '../../define/needs.ts';
import { OptionReader } from '../../define/option-reader.ts';
import type { CommonServiceOptions } from '../../define/options.ts';
import type { MessagesFrom, Receivers } from '../../define/receivers.ts';
import { recorded } from '../../define/recorded.ts';
import type { ConfigOf } from '../../define/service-options.ts';
import { CancelledError } from '../../errors.ts';
import type { Schedule } from './handle.ts';
import type { Work } from './options.ts';
import { scheduleBattery } from './read-schedule.ts';
import type { RunContext } from './run-context.ts';

type Nothing = Record<never, never>;

export interface HeartbeatOptions<Declared, Schema extends StandardSchemaV1 | undefined, Receive>
  extends CommonServiceOptions<
    Declared,
    Schema,
    Receive & Receivers<Context<Declared, ConfigOf<Schema>>>
  > {
  /** From one beat to the next; the first is due at the start. Above 0. @default '5m' */
  readonly interval?: Duration;
  /**
   * Each beat begins up to so much later than it is due, at random, so that a fleet that was started
   * at once does not beat at once. Less than the interval. @default a tenth of the interval
   */
  readonly jitter?: Duration;
  /**
   * So many beats in a row that failed fail the service, which its supervisor then restarts or gives
   * up. Minimum: 1. @default 3
   */
  readonly maxMissed?: number;
  /** What one beat may take, from its begin; then it has failed. Above 0. @default the interval */
  readonly timeout?: Duration;
}

/**
 * Tells somebody again and again that this process is alive: a dead man's switch, a registry of
 * workers. A beat that fails is reported and makes the service degraded until one succeeds; the next
 * one comes at its time. After `maxMissed` of them in a row the service fails.
 *
 * ```ts
 * heartbeat('pulse', { interval: '1m' }, async (ctx) => {
 *   await fetch('https://hc.example/ping', { method: 'POST', signal: ctx.signal });
 * });
 * ```
 */
export function heartbeat<const Name extends string>(
  name: ValidName<Name>,
  beat: Work<Nothing, undefined>,
): ServiceDefinition<Name, Schedule, Nothing>;
export function heartbeat<
  const Name extends string,
  Declared extends Needs = Nothing,
  Schema extends StandardSchemaV1 | undefined = undefined,
  Receive = Nothing,
>(
  name: ValidName<Name>,
  options: HeartbeatOptions<Declared, Schema, Receive>,
  beat: Work<NoInfer<Declared>, NoInfer<Schema>>,
): ServiceDefinition<Name, Schedule, MessagesFrom<Receive>>;
export function heartbeat(name: string, first: unknown, second?: unknown): ServiceDefinition {
  const isBeat = typeof first === 'function';
  return Object.freeze({
    kind: 'service',
    name,
    options: isBeat ? {} : recorded(first),
    body: heartbeatBattery(isBeat ? first : second),
  });
}

const options = ['interval', 'jitter', 'maxMissed', 'timeout'];
const defaultIntervalMs = 300_000;

/** A schedule under other names and defaults: its events, faults and invariants hold for it too. */
function heartbeatBattery(beat: unknown): Battery {
  return {
    battery: 'heartbeat()',
    options,
    read(reader, readInner) {
      const { path, faults } = reader;
      const interval = reader.duration('interval', defaultIntervalMs, { isPositive: true });
      const schedule = {
        immediately: true,
        jitter: reader.raw('jitter') ?? Math.floor(interval / 10),
        timeout: reader.raw('timeout') ?? interval,
        failAfter: reader.number('maxMissed', 3, { min: 1, isWhole: true }),
        stopWithin: reader.raw('stopWithin'),
      };
      const work =
        typeof beat === 'function' ? telling(beat as (ctx: RunContext) => unknown) : beat;
      return scheduleBattery('every', interval, work).read(
        new OptionReader(schedule, path, faults),
        readInner,
      );
    },
  };
}

/** Its health says at once what its failure would say after `maxMissed` beats. */
function telling(beat: (ctx: RunContext) => unknown): (ctx: RunContext) => Promise<void> {
  return async (ctx) => {
    try {
      await beat(ctx);
    } catch (error) {
      // On its way out it misses nothing.
      const isCancelled = ctx.signal.aborted && ctx.signal.reason instanceof CancelledError;
      if (!isCancelled) ctx.health('degraded', `a beat failed: ${reasonOf(error)}`);
      throw error;
    }
    // Too late to have been one.
    if (!ctx.signal.aborted) ctx.health('healthy');
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
