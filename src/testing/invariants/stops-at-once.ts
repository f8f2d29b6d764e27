import type { Invariant, Violation } from '../invariant.ts';
import type { Book } from './book.ts';
import { whenInstantsEnd } from './instants.ts';
import { ownStopLimit } from './limits.ts';
import type { Place } from './place.ts';
import { violationOf } from './violation.ts';

const idles = violationOf('stopsAtOnce');
const thaws = violationOf('frozenAtOnce');

/** Rules 14 and 15: whoever may be asked to stop is asked, and a supervisor ends with its last item. */
export const stopsAtOnce: Invariant = {
  name: 'stopsAtOnce',
  description: 'Below a supervisor that goes down somebody is always on the way down.',
  kind: 'liveness',
  needs: ['instants'],
  begin(_tree, book) {
    const look = whenInstantsEnd(book, () => {
      for (const place of book.places()) {
        if (!place.halting) continue;
        const found = idle(book, place);
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
    if (child.isGoing || isHeld(book, child)) continue;
    return idles(
      halting,
      `${place.path} goes down since ${halting.at} ms, and ${child.path}, whose turn it is, is still ${child.state} at ${book.now} ms.`,
      child.starting,
      child.last,
    );
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
