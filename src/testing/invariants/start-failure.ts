import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import { isBeingTakenAlong } from './eventually-ready.ts';
import { whenInstantsEnd } from './instants.ts';
import { ownStopLimit } from './limits.ts';
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
    const look = whenInstantsEnd(book, (_at, next) => {
      for (const [path, since] of failed) {
        const { halting, state, starting } = book.place(book.place(path).parent);
        const isAnother = (starting?.seq ?? 0) > since.seq;
        const isCalled = (book.place(path).call?.seq ?? 0) > since.seq;
        const isInGroup = [...book.childrenOf(book.place(path).parent)].some(
          (member) => (book.place(member).backoff?.seq ?? 0) > since.seq,
        );
        const isExcused =
          isInGroup ||
          isCalled ||
          isAnother ||
          halting ||
          state !== 'starting' ||
          book.haltingAbove(path);
        // The supervisor decides when its end is over.
        if (!isExcused && !isOver(book, book.place(path), next)) continue;
        failed.delete(path);
        if (isExcused) continue;
        return violation(
          since,
          `The first start of ${path} failed at ${since.at} ms, and ${book.place(path).parent} goes on starting.`,
          book.place(path).starting,
        );
      }
      return undecided(book, next);
    });
    return {
      onEvent(event) {
        const late = look(event);
        if (event.type === 'starting') failed.delete(event.path);
        if (event.type === 'start-failed' && isFirst(book, event.path))
          failed.set(event.path, event);
        if (event.type === 'start-failed') return late ?? withoutCulprit(book, event);
        if (event.type !== 'backoff') return late;
        return late ?? wronglyRetried(book, event);
      },
    };
  },
};

/** So long after it failed nothing of the attempt can be left. */
export function isOver(book: Book, { path, over, bodyOver, state }: Place, now: number): boolean {
  if (state !== 'failing') return true;
  return bodyOver !== undefined && over !== undefined && now > over.at + ownStopLimit(book, path);
}

/** No start of it was done under this incarnation of its supervisor, and nobody called for it. */
function isFirst(book: Book, path: string): boolean {
  const spec = book.spec(path);
  const place = book.place(path);
  const above = book.place(place.parent);
  if (!spec || (spec.kind === 'service' && spec.firstStart === 'retry')) return false;
  if (!book.tree.get(path) || book.spec(above.path)?.kind !== 'supervisor') return false;
  if (place.call && place.call.seq > (above.starting?.seq ?? 0)) return false;
  const since = above.starting?.seq ?? 0;
  const hasBegun = (place.startDone?.seq ?? 0) > since || (place.backoff?.seq ?? 0) > since;
  return !hasBegun && above.state === 'starting';
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

/** A supervisor that fails to start has an item whose first start failed for good, or says why. */
function withoutCulprit(book: Book, event: Of<'start-failed'>): Violation | undefined {
  if (book.spec(event.path)?.kind !== 'supervisor' || book.place(event.path).halting) {
    return undefined;
  }
  const failing = [...book.childrenOf(event.path)]
    .map((path) => book.place(path))
    .filter(({ over }) => over?.type === 'start-failed' || over?.type === 'unstopped');
  const isRetried = ({ path }: Place) => {
    const spec = book.spec(path);
    return spec?.kind === 'service' && spec.firstStart === 'retry';
  };
  if (failing.length === 0 || !failing.every(isRetried)) return undefined;
  return violation(
    event,
    `${event.path} fails to start at ${event.at} ms; the starts that failed in it are to be retried.`,
    ...failing.map(({ over }) => over),
  );
}

/** A restart whose attempt failed, and whose body is over. */
function undecided(book: Book, next: number): Violation | undefined {
  for (const place of book.places()) {
    const { state, over, starting, bodyOver } = place;
    if (state !== 'failing' || !over || !bodyOver || (starting?.attempt ?? 0) === 0) continue;
    if (!isOver(book, place, next)) continue;
    const spec = book.spec(place.path);
    if (spec?.kind !== 'service' || spec.restart === 'temporary' || spec.decide) continue;
    if (!isServed(book, place) || hasChildrenUp(book, place.path)) continue;
    if ((place.call?.seq ?? 0) > (starting?.seq ?? 0)) continue;
    if (isBeingTakenAlong(book, place)) continue;
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
