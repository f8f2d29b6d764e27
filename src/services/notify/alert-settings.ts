import type { Duration } from '../../../actors/rules/duration.ts';
import { OptionReader } from '../../define/option-reader.ts';
import { isPlain } from '../../define/recorded.ts';

/** What people can be told of. */
export type AlertRule = 'given-up' | 'escalated' | 'unhealthy' | 'restarts';

export const alertRules = ['given-up', 'escalated', 'unhealthy', 'restarts'] as const;

export interface AlertOptions {
  /** @default all of them */
  readonly only?: readonly AlertRule[];
  /** After something was said of a rule at a place, nothing is raised for so long; then reminded. @default '15m' */
  readonly cooldown?: Duration;
  /** More restarts than this within `within` are told of. @default 5 */
  readonly restarts?: number;
  /** @default '10m' */
  readonly within?: Duration;
  /** From which health on people are told. @default 'unhealthy' */
  readonly health?: 'unhealthy' | 'degraded';
}

/** The options of alerts, read. */
export interface AlertSettings {
  readonly rules: ReadonlySet<AlertRule>;
  readonly cooldownMs: number;
  readonly restarts: number;
  readonly withinMs: number;
  readonly health: 'unhealthy' | 'degraded';
}

/** undefined: nobody is told of anything. */
export function readAlerts(outer: OptionReader): AlertSettings | undefined {
  const given = outer.raw('alerts') ?? {};
  // Without channels of somebody's there is only the log, which has the events themselves.
  if (given === false || !outer.has('channels')) return undefined;
  if (!isPlain(given)) {
    outer.refuse('DARUMA_INVALID_OPTION', 'alerts', 'it must be an object, or false.');
    return undefined;
  }
  const reader = new OptionReader(given, outer.path, outer.faults, 'alerts.');
  reader.refuseUnknown(['only', 'cooldown', 'restarts', 'within', 'health']);
  return {
    rules: new Set(readOnly(reader)),
    cooldownMs: reader.duration('cooldown', 15 * 60_000),
    restarts: reader.number('restarts', 5, { min: 0, isWhole: true }),
    withinMs: reader.duration('within', 10 * 60_000, { isPositive: true }),
    health: reader.choice('health', ['unhealthy', 'degraded'], 'unhealthy'),
  };
}

function readOnly(reader: OptionReader): readonly AlertRule[] {
  const only = reader.raw('only') ?? alertRules;
  const isList = Array.isArray(only) && only.every((rule) => alertRules.includes(rule));
  if (isList) return only as AlertRule[];
  const problem = `it must be a list of ${alertRules.join(', ')}.`;
  reader.refuse('DARUMA_INVALID_OPTION', 'only', problem);
  return [];
}
