import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import { isTakenAlong } from './groups.ts';
import { Suspicions } from './instants.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('stoppedForAReason');

/** Rules 7, 13 and 14: why something that others are needed by may be taken down. */
export const stoppedForAReason: Invariant = {
  name: 'stoppedForAReason',
  description:
    'A service with needs is stopped only for a need that goes down, with its group, by a call, or with its supervisor.',
  kind: 'safety',
  needs: ['calls'],
  begin(_tree, book) {
    const suspicions = new Suspicions();
    return {
      onEvent(event) {
        const found = suspicions.take(event.at);
        const isKill = event.type === 'ended' && event.reason === 'killed';
        if (event.type !== 'stop-requested' && !isKill) return found;
        const spec = book.spec(event.path);
        if (spec?.kind !== 'service' || spec.needs.length === 0) return found;
        if (hasReason(book, event.path)) return found;
        const { starting, ready } = book.place(event.path);
        suspicions.add(
          violation(
            event,
            `${event.path} is stopped at ${event.at} ms although its needs are ready and nobody has asked for it.`,
            starting,
            ready,
          ),
          // A supervisor that goes down by its own decision says so after it has begun to ask.
          () => book.stopping !== undefined || isSwept(book, event.path),
        );
        return found;
      },
      onEnd: () => suspicions.rest(),
    };
  },
};

/** It, or something that it needs, lies below a supervisor that goes down. */
function isSwept(book: Book, path: string, seen = new Set<string>()): boolean {
  if (seen.has(path)) return false;
  seen.add(path);
  if (book.haltingAbove(path) || book.place(path).halting) return true;
  return book.tree.needsOf(path).some((need) => isSwept(book, need.path, seen));
}

function hasReason(book: Book, path: string, seen = new Set<string>()): boolean {
  if (seen.has(path)) return false;
  seen.add(path);
  if (book.stopping || isSwept(book, path)) return true;
  const since = book.place(path).starting?.seq ?? 0;
  if (wasCalled(book.callAbout(path), since) || isInGroup(book, path, since)) return true;
  for (const above of book.tree.above(path)) {
    if (isInGroup(book, above, book.place(above).starting?.seq ?? 0)) return true;
  }
  const spec = book.spec(path);
  if (spec?.kind !== 'service' || spec.onLoss === 'keep') return false;
  return book.tree.needsOf(path).some((need) => {
    const needed = book.place(need.path);
    if ((needed.starting?.seq ?? 0) > since) return true;
    if (spec.onLoss !== 'suspend') return false;
    return !needed.isReady || hasReason(book, need.path, seen);
  });
}

function wasCalled(call: TraceEvent | undefined, since: number): boolean {
  return call !== undefined && call.seq > since;
}

/** Since it started, somebody was charged whose failure takes it along. */
function isInGroup(book: Book, path: string, since: number): boolean {
  const { parent } = book.place(path);
  for (const sibling of book.childrenOf(parent)) {
    const { backoff } = book.place(sibling);
    if (backoff && backoff.seq > since && isTakenAlong(book.tree, sibling, path)) return true;
  }
  return false;
}
