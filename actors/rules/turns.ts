/** The first in line of one priority. */
export interface Candidate {
  /** The higher goes first. */
  readonly priority: number;
  /** When it got in line, on the system's clock. */
  readonly since: number;
}

/**
 * Whose turn it is among the first of each priority. One that waits gains a priority with every
 * `ageingMs`, so that nobody starves; Infinity: nobody gains. A tie goes to the higher priority.
 */
export function nextTurn<Each extends Candidate>(
  candidates: Iterable<Each>,
  ageingMs: number,
): Each | undefined {
  let best: Each | undefined;
  for (const each of candidates) if (!best || isAhead(each, best, ageingMs)) best = each;
  return best;
}

/** Both gain alike while they wait: only how much later one came counts. */
function isAhead(one: Candidate, other: Candidate, ageingMs: number): boolean {
  const head = one.priority - other.priority;
  const gained = (other.since - one.since) / ageingMs;
  const ahead = head + (Number.isNaN(gained) ? 0 : gained);
  return ahead === 0 ? head > 0 : ahead > 0;
}
