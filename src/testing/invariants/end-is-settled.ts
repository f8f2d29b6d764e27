import type { Invariant } from '../invariant.ts';
import type { Book } from './book.ts';
import { hasGroups } from './groups.ts';
import { whenInstantsEnd } from './instants.ts';
import type { Place } from './place.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('endIsSettled');

/** Rules 3, 4 and 13: what comes after an end is told at once. */
export const endIsSettled: Invariant = {
  name: 'endIsSettled',
  description:
    'What ended for good and is not kept is dropped at once, and what a lost need took down is suspended.',
  kind: 'safety',
  needs: ['instants'],
  begin(_tree, book) {
    const look = whenInstantsEnd(book, () => {
      for (const place of book.places()) {
        if (place.state !== 'ended' && place.state !== 'unstopped') continue;
        const missing = whatIsUntold(book, place);
        if (!missing || !place.last) continue;
        return violation(
          place.last,
          `${place.path}#${place.incarnation} is down since ${place.over?.at} ms, and at ${book.now} ms ${missing}.`,
          place.starting,
          place.asked,
          place.over,
        );
      }
      return undefined;
    });
    return { onEvent: look };
  },
};

function whatIsUntold(book: Book, place: Place): string | undefined {
  const spec = book.spec(place.path);
  const parent = book.spec(place.parent);
  if (!spec || !isWithinLiving(book, place)) return undefined;
  const isPassing = parent?.kind === 'service' || (parent && parent.strategy === 'dynamic');
  if (spec.restart === 'temporary' || (isPassing && place.isFinished)) {
    return 'its spec has not been dropped';
  }
  if (spec.kind !== 'service' || spec.onLoss !== 'suspend' || !place.asked) return undefined;
  if (book.haltingAbove(place.path) || hasGroups(book.tree, place.parent)) return undefined;
  if (book.stopping || (book.callAbout(place.path)?.seq ?? 0) > (place.starting?.seq ?? 0)) {
    return undefined;
  }
  return place.state === 'ended' ? 'nothing says what it waits for' : undefined;
}

/** Its supervisor is there to say something. */
function isWithinLiving(book: Book, place: Place): boolean {
  const { state, bodyOver } = book.place(place.parent);
  return (state === 'starting' || state === 'running' || state === 'stopping') && !bodyOver;
}
