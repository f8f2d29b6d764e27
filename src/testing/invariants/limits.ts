import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';

/** What the end of a place may take by its own definition; Infinity where nothing is said. */
export function ownStopLimit(book: Book, path: string): number {
  const spec = book.spec(path);
  if (spec?.kind !== 'service') return Number.POSITIVE_INFINITY;
  return spec.stopWithinMs === 'brutal' ? 0 : spec.stopWithinMs;
}

/** When everything below a place must be down, by the supervisors above it that are stopping. */
export function deadlineAbove(
  book: Book,
  path: string,
): { at: number; by: TraceEvent | undefined } {
  let at = Number.POSITIVE_INFINITY;
  let by: TraceEvent | undefined;
  for (const above of book.tree.above(path)) {
    const { halting, state } = book.place(above);
    const spec = book.spec(above);
    if (!halting || spec?.kind !== 'supervisor') continue;
    // It is down already: what still runs below it is another invariant's affair.
    if (state === 'ended' || state === 'backoff') continue;
    if (halting.at + spec.stopWithinMs >= at) continue;
    at = halting.at + spec.stopWithinMs;
    by = halting;
  }
  const { limits } = book.tree;
  if (book.stopping && limits && book.stopping.at + limits.stopWithinMs < at) {
    at = book.stopping.at + limits.stopWithinMs;
    by = book.stopping;
  }
  return { at, by };
}
