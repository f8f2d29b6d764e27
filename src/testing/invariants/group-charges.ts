import type { Invariant } from '../invariant.ts';
import type { Book } from './book.ts';
import { hasGroups, isTakenAlong } from './groups.ts';
import type { Of, Place } from './place.ts';
import { ms, violationOf } from './violation.ts';

const violation = violationOf('oneChargePerGroup');

/** Rules 6 and 7: a group restart is one charge with one delay, and nobody comes back before it. */
export const oneChargePerGroup: Invariant = {
  name: 'oneChargePerGroup',
  description:
    'A group restart is charged once, and no member comes back before the delay of its culprit.',
  kind: 'safety',
  needs: ['calls'],
  begin(tree, book) {
    return {
      onEvent(event) {
        if (event.type !== 'backoff' && event.type !== 'starting') return undefined;
        const place = book.place(event.path);
        if (!hasGroups(tree, place.parent) || book.callAbout(event.path)) return undefined;
        return event.type === 'backoff'
          ? chargedAgain(book, place, event)
          : backBeforeDelay(book, place, event);
      },
    };
  },
};

/** Who went down for it and has not been asked to start since. */
function culpritOf(book: Book, place: Place): Of<'backoff'> | undefined {
  for (const path of book.childrenOf(place.parent)) {
    const { backoff } = book.place(path);
    if (!backoff || path === place.path || !isTakenAlong(book.tree, path, place.path)) continue;
    // The charges of an earlier life of their supervisor are over.
    if (backoff.seq < (book.place(place.parent).starting?.seq ?? 0)) continue;
    if (backoff.seq > (place.starting?.seq ?? 0)) return backoff;
  }
  return undefined;
}

function chargedAgain(book: Book, place: Place, event: Of<'backoff'>) {
  const charge = culpritOf(book, place);
  if (!charge || !place.starting) return undefined;
  return violation(
    event,
    `${event.path} is charged a restart at ${event.at} ms although the failure of ${charge.path} at ${charge.at} ms has taken it along.`,
    place.starting,
    charge,
    place.over,
  );
}

function backBeforeDelay(book: Book, place: Place, event: Of<'starting'>) {
  const charge = culpritOf(book, place);
  if (!charge || book.place(charge.path).state !== 'backoff') return undefined;
  const due = charge.at + charge.delayMs;
  if (event.at >= due - book.earlyMs || book.callAbout(charge.path)) return undefined;
  return violation(
    event,
    `${event.path} comes back at ${event.at} ms, before the delay of ${ms(charge.delayMs)} of ${charge.path} is over at ${due} ms.`,
    charge,
    place.over,
  );
}
