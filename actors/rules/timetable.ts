/** Moments at which something is due, on one clock, in milliseconds. */
export interface Timetable {
  /** The first moment after this one; undefined: there is none any more. */
  next(after: number): number | undefined;
}

/** `start`, and then at a fixed rate: counted from the start, so that nothing ever adds up. */
export function fixedRate(start: number, periodMs: number): Timetable {
  return {
    next(after) {
      if (after < start) return start;
      const nth = Math.floor((after - start) / periodMs) + 1;
      const due = start + nth * periodMs;
      // The division may have lost the last bit, which would make `after` its own successor.
      return due > after ? due : start + (nth + 1) * periodMs;
    },
  };
}

/** A fixed delay after whatever was dealt with last. */
export function fixedDelay(delayMs: number): Timetable {
  return { next: (after) => after + delayMs };
}

/** One moment, once. */
export function onlyAt(moment: number): Timetable {
  return { next: (after) => (moment > after ? moment : undefined) };
}

/** How many due times are counted one by one; a clock can jump over more than anybody can walk. */
export const mostCounted = 1_000;

export interface ComeDue {
  /** The latest of them, in order: as many as were asked for. */
  readonly latest: readonly number[];
  /** How many there are; counted up to `mostCounted`. */
  readonly count: number;
  /** The first that is still to come. */
  readonly next: number | undefined;
}

/**
 * What has come due by now.
 *
 * @param first the first of them: due now or before
 * @param keep how many of the latest are wanted
 */
export function comeDue(timetable: Timetable, first: number, now: number, keep: number): ComeDue {
  const latest = [first];
  let count = 1;
  let next = timetable.next(first);
  while (next !== undefined && next <= now && count < mostCounted) {
    latest.push(next);
    if (latest.length > keep) latest.shift();
    count++;
    next = timetable.next(next);
  }
  if (next === undefined || next > now) return { latest, count, next };
  const last = lastBy(timetable, next, now);
  return { latest: backwards(timetable, next, last, keep), count, next: timetable.next(last) };
}

/** The last due times up to `last`, in order, none before `first`. */
function backwards(timetable: Timetable, first: number, last: number, keep: number): number[] {
  const latest = [last];
  for (let due = last; latest.length < keep && due > first; latest.unshift(due)) {
    due = lastBy(timetable, first, due - 1);
  }
  return latest;
}

/** The last due time up to `now`, found without walking through all before it. `first` is one. */
function lastBy(timetable: Timetable, first: number, now: number): number {
  const isDueAfter = (moment: number) =>
    (timetable.next(moment) ?? Number.POSITIVE_INFINITY) <= now;
  let span = 1_000;
  while (now - span > first && !isDueAfter(now - span)) span *= 2;
  let before = Math.max(first - 1, now - span);
  let behind = now;
  while (behind - before > 1) {
    const middle = Math.floor((before + behind) / 2);
    if (middle <= before || middle >= behind) break;
    if (isDueAfter(middle)) before = middle;
    else behind = middle;
  }
  return timetable.next(before) ?? first;
}
