import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import { isTakenAlong } from './groups.ts';
import type { Place } from './place.ts';

/**
 * The order to stop for a reason of its own was on its way to it already when, in the same instant,
 * a supervisor above it began to go down.
 */
export function wasSentFor(
  book: Book,
  { path, parent, call }: Place,
  halting: TraceEvent,
): boolean {
  const isJustBefore = (event: TraceEvent | undefined) =>
    event !== undefined && event.at === halting.at && event.seq < halting.seq;
  if (isJustBefore(call) || isJustBefore(book.haltingAbove(path))) return true;
  const isGoing = (need: string) =>
    isJustBefore(book.place(need).over) || isJustBefore(book.haltingAbove(need));
  if (book.tree.needsOf(path).some((need) => isGoing(need.path))) return true;
  return [...book.childrenOf(parent)].some(
    (sibling) =>
      isTakenAlong(book.tree, sibling, path) && isJustBefore(book.place(sibling).backoff),
  );
}
