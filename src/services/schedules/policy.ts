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
