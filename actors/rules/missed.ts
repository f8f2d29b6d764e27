/** What becomes of due times that were not seen in time. */
export type Missed = 'once' | 'all' | 'drop';

export interface MissedPolicy {
  readonly missed: Missed;
  /** Later than this, a due time counts as missed. So does one whose successor is due as well. */
  readonly missedAfterMs: number;
  /** How many missed ones `all` makes up for: the latest. */
  readonly maxMissed: number;
}

/** How many of the latest due times matter to a policy: those it may run, and one before. */
export function keptOf({ missed, maxMissed }: MissedPolicy): number {
  return missed === 'all' ? maxMissed + 2 : 2;
}

export interface Reckoning {
  /** The due times that are run, in order. */
  readonly run: readonly number[];
  /** How many are not. */
  readonly givenUp: number;
}

/**
 * Which of the due times that have come are run. All but the last are missed; the last is when it is
 * too late.
 *
 * @param latest the last of them, in order
 * @param count how many there are
 * @param lateMs how late the last one is
 */
export function reckon(
  { missed, missedAfterMs, maxMissed }: MissedPolicy,
  latest: readonly number[],
  count: number,
  lateMs: number,
): Reckoning {
  const isLastMissed = lateMs > missedAfterMs;
  const run =
    missed === 'all'
      ? latest.slice(-(maxMissed + (isLastMissed ? 0 : 1)))
      : missed === 'drop' && isLastMissed
        ? []
        : latest.slice(-1);
  return { run, givenUp: count - run.length };
}
