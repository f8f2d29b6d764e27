import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import { hasGroups, isTakenAlong } from './groups.ts';
import { whenInstantsEnd } from './instants.ts';
import { ownStopLimit } from './limits.ts';
import type { Place } from './place.ts';
import { violationOf } from './violation.ts';

const idles = violationOf('stopsAtOnce');
const thaws = violationOf('frozenAtOnce');

/** Rules 7, 14 and 15: whoever may be asked to stop is asked, and a supervisor ends with its last item. */
export const stopsAtOnce: Invariant = {
  name: 'stopsAtOnce',
  description: 'Below a supervisor that goes down, and in a group, somebody is on the way down.',
  kind: 'liveness',
  needs: ['calls', 'instants'],
  begin(tree, book) {
    const groups = tree.supervisors().filter(({ path }) => hasGroups(tree, path));
    const look = whenInstantsEnd(book, () => {
      for (const place of book.places()) {
        if (!place.halting) continue;
        const found = idle(book, place);
        if (found) return found;
      }
      for (const { path } of groups) {
        const found = lingering(book, book.place(path));
        if (found) return found;
      }
      return undefined;
    });
    return { onEvent: look };
  },
};

/** Rule 15: a stop first freezes the whole subtree. */
export const frozenAtOnce: Invariant = {
  name: 'frozenAtOnce',
  description: 'Below a supervisor that goes down nothing waits to start any more.',
  kind: 'safety',
  needs: ['instants'],
  begin(_tree, book) {
    const look = whenInstantsEnd(book, () => {
      for (const place of book.places()) {
        if (place.state !== 'backoff' && place.state !== 'waiting') continue;
        const halting = book.haltingAbove(place.path);
        if (!halting || !place.last) continue;
        return thaws(
          place.last,
          `${place.path} is still ${place.state} although ${halting.path} has been going down since ${halting.at} ms.`,
          halting,
        );
      }
      return undefined;
    });
    return { onEvent: look };
  },
};

function idle(book: Book, place: Place): Violation | undefined {
  const spec = book.spec(place.path);
  const { halting } = place;
  if (spec?.kind !== 'supervisor' || !halting) return undefined;
  const up = [...book.childrenOf(place.path)]
    .map((path) => book.place(path))
    .filter((child) => child.isUp || isFailing(book, child));
  if (up.length === 0) {
    // The end of a start that failed is silent.
    if (!place.isUp) return undefined;
    return idles(
      halting,
      `All items of ${place.path} are down at ${book.now} ms, and it has not ended.`,
      place.starting,
    );
  }
  // Nothing says when what its failed start has left is over.
  if (up.some(({ state }) => state === 'failing')) return undefined;
  const isSequential = spec.strategy !== 'dynamic' && spec.order === 'sequential';
  for (const child of isSequential ? up.slice(-1) : up) {
    if (child.isGoing || isHeld(book, child) || mayBeHeld(book, child)) continue;
    return idles(
      halting,
      `${place.path} goes down since ${halting.at} ms, and ${child.path}, whose turn it is, is still ${child.state} at ${book.now} ms.`,
      child.starting,
      child.last,
    );
  }
  return undefined;
}

/** The last of a group that is up goes first, and the others after it. */
function lingering(book: Book, supervisor: Place): Violation | undefined {
  const { path, isUp, halting } = supervisor;
  if (!isUp || halting || book.haltingAbove(path)) return undefined;
  const members = [...book.childrenOf(path)].map((child) => book.place(child));
  for (const member of members.toReversed()) {
    // Nothing says when what its failed start has left is over.
    if (isFailing(book, member)) return undefined;
    const charge = member.isUp ? chargeFor(book, members, member) : undefined;
    if (!charge) continue;
    if (member.isGoing || isHeld(book, member) || mayBeHeld(book, member)) return undefined;
    // Whoever is called by hand has left its group.
    if ((member.call?.seq ?? 0) > charge.seq) continue;
    return idles(
      charge,
      `The failure of ${charge.path} at ${charge.at} ms takes ${member.path} along, which is still ${member.state} at ${book.now} ms.`,
      member.starting,
      member.last,
    );
  }
  return undefined;
}

/** The charge since it started that takes it along. */
function chargeFor(
  book: Book,
  members: readonly Place[],
  { path, starting }: Place,
): TraceEvent | undefined {
  for (const { path: culprit, backoff } of members) {
    const isSince = backoff && backoff.seq > (starting?.seq ?? 0);
    if (isSince && isTakenAlong(book.tree, culprit, path)) return backoff;
  }
  return undefined;
}

/** Its start failed, and what it has left may still be on its way. */
function isFailing(book: Book, { state, path, begun, bodyOver, over }: Place): boolean {
  if (state !== 'failing') return false;
  if (begun)
    return bodyOver === undefined || book.now <= (over?.at ?? 0) + ownStopLimit(book, path);
  return [...book.childrenOf(path)].some((child) => {
    const below = book.place(child);
    return below.isUp || isFailing(book, below);
  });
}

/** Whom a child that was spawned needs no event says: any that is still up may need it. */
function mayBeHeld(book: Book, { path }: Place): boolean {
  const below = `${path}/`;
  return [...book.places()].some(
    (other) => other.isUp && !book.spec(other.path) && !other.path.startsWith(below),
  );
}

/** Its turn comes when those who need it are down; each of them is on its way. */
function isHeld(book: Book, place: Place, seen: ReadonlySet<string> = new Set()): boolean {
  return book.dependantsOf(place.path).some(({ path }) => {
    const dependant = book.place(path);
    if (dependant.state === 'failing') return true;
    if (!dependant.isUp || seen.has(path)) return false;
    // Elsewhere its turn is up to a supervisor that goes down as well, and is looked at for that.
    const waitsElsewhere =
      dependant.parent !== place.parent && book.haltingAbove(path) !== undefined;
    return dependant.isGoing || waitsElsewhere || isHeld(book, dependant, new Set(seen).add(path));
  });
}
