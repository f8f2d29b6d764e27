import type { BackoffPolicy } from '../../../actors/rules/backoff.ts';
import type { TickingPolicy } from '../../../actors/rules/ticking.ts';
import type { Timing } from './timing.ts';

export const batteryKind = 'schedule';

/** Everything that a schedule was told, as plain data. Milliseconds; Infinity means no limit. */
export interface SchedulePolicy extends TickingPolicy {
  readonly kind: Timing['kind'];
  /** undefined: a function says it when the schedule starts. */
  readonly timing: Timing | undefined;
  readonly timezone: string;
  /** Each tick is run by one of all replicas, which share a memory. */
  readonly isShared: boolean;
  /** Its work is a transaction, and claims its tick itself. */
  readonly isTransactional: boolean;
  /** The first tick is due at the start. */
  readonly isImmediate: boolean;
  /** What becomes of a date that has passed before the start. */
  readonly ifPast: 'skip' | 'run';
  readonly maxAttempts: number;
  readonly retryBackoff: BackoffPolicy;
  readonly timeoutMs: number;
  /** What an attempt that was cancelled may take to end: the `stopWithin` of the service. */
  readonly settleWithinMs: number;
}

/** Its due times are times of day, which all replicas agree on; not moments of the system's own clock. */
export function isOnWall({ kind, isShared }: Pick<SchedulePolicy, 'kind' | 'isShared'>): boolean {
  return kind !== 'every' || isShared;
}

/** From where its periods are counted. */
export function originOf({ isShared }: Pick<SchedulePolicy, 'isShared'>, start: number): number {
  return isShared ? 0 : start;
}
