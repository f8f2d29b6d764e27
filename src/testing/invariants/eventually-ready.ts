import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { TreeInfo } from '../tree-info.ts';
import type { Book } from './book.ts';
import { hasGroups, isTakenAlong } from './groups.ts';
import type { Place, PlaceState } from './place.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('eventuallyReady');

const onTheWay: readonly PlaceState[] = ['starting', 'stopping', 'failing'];
const forGood: readonly PlaceState[] = ['stopped', 'failed', 'dropped'];

/**
 * What should run runs when the system begins to stop, or there is a reason that it does not yet: a
 * delay that is not over, a need that is not ready, an earlier sibling or a group on its way.
 */
export const eventuallyReady: Invariant = {
  name: 'eventuallyReady',
  description: 'Whatever should run runs in the end, or waits for something that is on its way.',
  kind: 'liveness',
  needs: ['calls'],
  begin(tree, book) {
    let isJudged = false;
    return {
      onEvent(event) {
        if (isJudged || !beginsTheEnd(tree, event)) return undefined;
        isJudged = true;
        // In the middle of something: what follows at this instant has not happened yet.
        const isSameInstant = event.at - book.now <= book.earlyMs;
        if (isSameInstant || book.place(tree.root.name).halting) return undefined;
        for (const place of book.places()) {
          const missing = whatIsMissing(tree, book, place, event.at);
          if (missing) {
            return violation(
              event,
              `${place.path} does not run at ${event.at} ms: ${missing}.`,
              place.starting,
              place.over,
              place.last,
            );
          }
        }
        return undefined;
      },
    };
  },
};

function beginsTheEnd(tree: TreeInfo, event: TraceEvent): boolean {
  if (event.type === 'call') return event.path === tree.root.name;
  return event.type === 'phase' && (event.phase === 'draining' || event.phase === 'stopping');
}

/** Why a place that should run does not, when nothing excuses it. */
export function whatIsMissing(
  tree: TreeInfo,
  book: Book,
  place: Place,
  now: number,
): string | undefined {
  const { state, path } = place;
  const spec = book.spec(path);
  if (!spec || state === 'running' || forGood.includes(state) || isHandled(place)) return undefined;
  if (place.parent === '' || !isServed(book, place)) return undefined;
  if (state === 'starting' && spec.kind === 'supervisor') {
    const children = [...book.childrenOf(path)].map((child) => book.place(child));
    // One that runs may be on its way down with its group or a need, after those who need it.
    const hasAll = children.every((child) =>
      child.state === 'running'
        ? !isBeingTakenAlong(book, child) && !waitsForNeeds(book, child.path)
        : isDownForGood(book, child) && !comesWithGroup(book, child),
    );
    return hasAll ? 'all its items are up, and it is still starting' : undefined;
  }
  if (onTheWay.includes(state) || isDownForGood(book, place)) return undefined;
  if (state === 'none' && tree.get(path) === undefined) return undefined;
  // What is decided about its end is decided in a turn of its own, for which a stall leaves no time.
  if (state === 'ended' && (place.over?.at ?? now) + book.slackMs > now) return undefined;
  const due = place.backoff ? place.backoff.at + place.backoff.delayMs : 0;
  if (state === 'backoff' && due + book.slackMs >= now) return undefined;
  if (waitsForNeeds(book, path) || waitsForSiblings(tree, book, place, now)) return undefined;
  return state === 'backoff'
    ? `its delay was over at ${due} ms, and it has not been started`
    : `it is ${state === 'none' ? 'not started yet' : state}, and nothing is in its way`;
}

/** A call took it down, or its start by a call was refused or failed. */
function isHandled({ call, startsSinceCall, ready, startDone }: Place): boolean {
  if (!call) return false;
  // The start that a restart by a call leads to comes long after the call, and is not tried again.
  if (call.call !== 'stop' && startsSinceCall === 1 && !ready) return true;
  return startsSinceCall === 0 || (startDone?.seq ?? 0) < call.seq;
}

/** Everything above it is up, and is not to go down with its group when its turn comes. */
function isServed(book: Book, place: Place): boolean {
  return book.tree.above(place.path).every((path) => {
    const above = book.place(path);
    const isUp = above.state === 'running' || above.state === 'starting';
    return isUp && !above.halting && !isBeingTakenAlong(book, above);
  });
}

function isDownForGood(book: Book, place: Place): boolean {
  const { state, over, path, asked } = place;
  const isDone = place.isFinished && !place.isToBeRedone;
  if (forGood.includes(state) || isDone || place.isUnclear) return true;
  const spec = book.spec(path);
  if (state !== 'ended' && state !== 'unstopped') return false;
  if (spec?.restart === 'temporary' && !asked) return true;
  const isOver = over?.type === 'ended' || over?.type === 'unstopped';
  // One that is killed is not asked first; nor is `decide`.
  const isKilled = over?.type === 'ended' && over.reason === 'killed';
  if (spec?.kind === 'service' && spec.decide && isOver && !isKilled) {
    return !asked && place.decided?.answer !== 'restart';
  }
  return (
    over?.type === 'ended' && over.reason === 'shutdown' && spec?.restart === 'transient' && !asked
  );
}

export function waitsForNeeds(book: Book, path: string): boolean {
  const spec = book.spec(path);
  if (spec?.kind !== 'service') return false;
  return spec.needs.some((need) => {
    const place = book.place(need.path);
    const { isReady, isGoing, isUnclear, state } = place;
    if (isUnclear) return true;
    // While its dependants go before it, its own stop shows nowhere.
    const isLeaving = isGoing || book.haltingAbove(need.path) !== undefined;
    if (need.optional && isToComeBack(book, need.path)) return true;
    if (need.optional) {
      const isAway = forGood.includes(state) && !comesWithGroup(book, place);
      return !isReady && !isAway && state !== 'backoff';
    }
    if (!isReady || isLeaving || book.hasStrangerGoing) return true;
    return isBeingLeft(book, need.path);
  });
}

/** A supervisor above it is down for now: its turn comes with that. */
function isToComeBack(book: Book, path: string): boolean {
  return book.tree.above(path).some((above) => {
    const place = book.place(above);
    return !place.isUp && !isDownForGood(book, place);
  });
}

/** It was down for good, and its group has taken it along: what was stopped by hand, too. */
function comesWithGroup(book: Book, place: Place): boolean {
  // What ended by itself while its group went down comes back with it, too.
  if (place.state === 'ended' || place.isUnclear) return isBeingTakenAlong(book, place);
  return place.state === 'stopped' && isTakenAlongSince(book, place, place.since);
}

/** Some sibling was charged since it started, and its group goes down with it. */
export function isBeingTakenAlong(book: Book, place: Place): boolean {
  return isTakenAlongSince(book, place, place.starting);
}

function isTakenAlongSince(book: Book, place: Place, since: TraceEvent | undefined): boolean {
  return [...book.childrenOf(place.parent)].some((path) => {
    const isLater = (book.place(path).backoff?.seq ?? 0) > (since?.seq ?? 0);
    return isLater && isTakenAlong(book.tree, path, place.path);
  });
}

/** Somebody who needs it, if only through others, is on the way down. */
function isBeingLeft(book: Book, path: string, seen: ReadonlySet<string> = new Set()): boolean {
  return book.dependantsOf(path).some((dependant) => {
    if (seen.has(dependant.path)) return false;
    const { isGoing, state } = book.place(dependant.path);
    // What a start that failed has left is silent until its end.
    if (isGoing || state === 'failing' || book.haltingAbove(dependant.path)) return true;
    return isBeingLeft(book, dependant.path, new Set(seen).add(dependant.path));
  });
}

function waitsForSiblings(tree: TreeInfo, book: Book, place: Place, now: number): boolean {
  const parent = book.spec(place.parent);
  const above = book.place(place.parent);
  if (parent?.kind !== 'supervisor') return false;
  const isOrdered = above.state === 'starting' && parent.order === 'sequential';
  if (!isOrdered && !hasGroups(tree, place.parent)) return false;
  for (const path of book.childrenOf(place.parent)) {
    if (path === place.path && !hasGroups(tree, place.parent)) return false;
    if (path === place.path) continue;
    const other = book.place(path);
    if (other.isUp && isBeingTakenAlong(book, other)) return true;
    // One that runs may have to go first: it waits for those who need it.
    const isThere = other.state === 'running' && !waitsForNeeds(book, path);
    if (isThere || (isDownForGood(book, other) && !comesWithGroup(book, other))) continue;
    const isDelayed =
      other.state === 'backoff' &&
      other.backoff !== undefined &&
      other.backoff.at + other.backoff.delayMs + book.slackMs >= now;
    if (isDelayed || onTheWay.includes(other.state) || waitsForNeeds(book, path)) return true;
  }
  return false;
}
