import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import { isTakenAlong } from './groups.ts';
import type { Place } from './place.ts';

/**
 * The order to stop for a reason of its own was on its way to it already when, in the same instant,
 * a supervisor above it began to go down.
 */
export function wasSentFor(book: Book, { path }: Place, halting: TraceEvent): boolean {
  const isJustBefore = (event: TraceEvent | undefined) =>
    event !== undefined && event.at === halting.at && event.seq < halting.seq;
  const seen = new Set<string>();
  const hasReason = (each: string): boolean => {
    if (seen.has(each)) return false;
    seen.add(each);
    const { parent, call } = book.place(each);
    if (isJustBefore(call) || isJustBefore(book.haltingAbove(each))) return true;
    const isTaken = [...book.childrenOf(parent)].some((sibling) => {
      const { backoff, over } = book.place(sibling);
      if (isTakenAlong(book.tree, sibling, each) && isJustBefore(backoff)) return true;
      // With a start that fails goes what was started before it.
      return over?.type === 'start-failed' && isJustBefore(over);
    });
    return isTaken || book.tree.needsOf(each).some((need) => isLeaving(need.path, each));
  };
  const isLeaving = (need: string, dependant: string): boolean => {
    const { over, asked, ready } = book.place(need);
    if (isJustBefore(over) || isJustBefore(asked) || hasReason(need)) return true;
    const spec = book.spec(dependant);
    // Whoever went on without it starts again with what it is now.
    return spec?.kind === 'service' && spec.onLoss === 'restart' && isJustBefore(ready);
  };
  return hasReason(path);
}
