/** How the delay before a restart grows. All times in milliseconds. */
export interface BackoffPolicy {
  /** The delay before the first restart of a series. */
  readonly firstMs: number;
  /** No delay is ever longer, jitter included. */
  readonly maxMs: number;
  /** Each delay is this many times the one before. */
  readonly factor: number;
  /** `full` draws from [0, delay], `equal` from [delay / 2, delay], `none` takes the delay. */
  readonly jitter: Jitter;
  /** A series starts over after an incarnation was ready for this long, and for its last delay. */
  readonly resetAfterMs: number;
}

export type Jitter = 'full' | 'equal' | 'none';

/** Where a child stands in its series of restarts. */
export interface BackoffSeries {
  /** Delays chosen so far in this series. */
  readonly count: number;
  /** The delay chosen last, 0 before the first. */
  readonly lastDelayMs: number;
}

export const freshSeries: BackoffSeries = { count: 0, lastDelayMs: 0 };

/**
 * Delay number `count` of a series: `min(max, first * factor ^ count)`, then jitter, in whole
 * milliseconds.
 *
 * @param random a number in [0, 1)
 */
export function backoffDelay(policy: BackoffPolicy, count: number, random: number): number {
  // 0 * Infinity is NaN: a first delay of 0 stays 0 however long the series gets.
  const grown = policy.firstMs === 0 ? 0 : policy.firstMs * policy.factor ** count;
  const ceiling = Math.min(policy.maxMs, grown);
  if (policy.jitter === 'none') return Math.round(ceiling);
  const floor = policy.jitter === 'equal' ? ceiling / 2 : 0;
  return Math.round(floor + (ceiling - floor) * random);
}

/**
 * Whether an incarnation that was ready for `readyMs` was stable enough to start a new series.
 * Never shorter than the last delay: a child that lives a little longer than a short `resetAfter`
 * would otherwise be restarted at the shortest delay for ever.
 */
export function wasStable(policy: BackoffPolicy, series: BackoffSeries, readyMs: number): boolean {
  return readyMs >= Math.max(policy.resetAfterMs, series.lastDelayMs);
}
