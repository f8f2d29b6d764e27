import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import { whenInstantsEnd } from './instants.ts';
import type { Of, Place } from './place.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('startFailureDecided');

/** Rules 2 and 4: a first start that fails fails the start above it; one of a restart is tried again. */
export const startFailureDecided: Invariant = {
  name: 'startFailureDecided',
  description:
    'A failed first start is not retried and ends the start of its supervisor; that of a restart is charged.',
  kind: 'safety',
  needs: ['calls'],
  begin(_tree, book) {
    /** First starts that failed, by path, until their supervisor has said something. */
    const failed = new Map<string, TraceEvent>();
    const look = whenInstantsEnd(book, () => {
      for (const [path, since] of failed) {
        const { halting, state } = book.place(book.place(path).parent);
        const isExcused = halting || state !== 'starting' || book.haltingAbove(path);
        // The supervisor decides when its end is over.
        if (!isExcused && !isOver(book.place(path))) continue;
        failed.delete(path);
        if (isExcused) continue;
        return violation(
          since,
          `The first start of ${path} failed at ${since.at} ms, and ${book.place(path).parent} goes on starting.`,
          book.place(path).starting,
        );
      }
      return undecided(book);
    });
    return {
      onEvent(event) {
        const late = look(event);
        if (event.type === 'starting') failed.delete(event.path);
        if (event.type === 'start-failed' && isFirst(book, event.path))
          failed.set(event.path, event);
        if (event.type !== 'backoff') return late;
        return late ?? wronglyRetried(book, event);
      },
    };
  },
};

function isOver({ begun, bodyOver, state }: Place): boolean {
  return state !== 'failing' || (begun !== undefined && bodyOver !== undefined);
}

/** It has never been up under this incarnation of its supervisor, and nobody called for it. */
function isFirst(book: Book, path: string): boolean {
  const spec = book.spec(path);
  const place = book.place(path);
  const above = book.place(place.parent);
  if (!spec || (spec.kind === 'service' && spec.firstStart === 'retry')) return false;
  if (!book.tree.get(path) || book.spec(above.path)?.kind !== 'supervisor') return false;
  if (place.call && place.call.seq > (above.starting?.seq ?? 0)) return false;
  const since = above.starting?.seq ?? 0;
  const hasBeenUp = (place.readyOnce?.seq ?? 0) > since || (place.backoff?.seq ?? 0) > since;
  return !hasBeenUp && above.state === 'starting';
}

function wronglyRetried(book: Book, event: Of<'backoff'>): Violation | undefined {
  const { over } = book.place(event.path);
  if (over?.type !== 'start-failed' || !isFirst(book, event.path)) return undefined;
  return violation(
    event,
    `The first start of ${event.path} failed at ${over.at} ms, and it is tried again.`,
    over,
  );
}

/** A restart whose attempt failed, and whose body is over. */
function undecided(book: Book): Violation | undefined {
  for (const place of book.places()) {
    const { state, over, starting, bodyOver } = place;
    if (state !== 'failing' || !over || !bodyOver || (starting?.attempt ?? 0) === 0) continue;
    const spec = book.spec(place.path);
    if (spec?.kind !== 'service' || spec.restart === 'temporary' || spec.decide) continue;
    if (!isServed(book, place) || hasChildrenUp(book, place.path)) continue;
    if ((place.call?.seq ?? 0) > (starting?.seq ?? 0)) continue;
    return violation(
      over,
      `The restart of ${place.path} failed at ${over.at} ms, and at ${book.now} ms nobody has decided about it.`,
      starting,
      bodyOver,
    );
  }
  return undefined;
}

function isServed(book: Book, place: Place): boolean {
  const above = book.place(place.parent);
  const isUp = above.state === 'running' || above.state === 'starting';
  return isUp && !above.halting && !book.haltingAbove(place.path) && !book.stopping;
}

function hasChildrenUp(book: Book, path: string): boolean {
  return [...book.childrenOf(path)].some((child) => book.place(child).isUp);
}
