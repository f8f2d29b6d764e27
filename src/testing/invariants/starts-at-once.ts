import type { Invariant } from '../invariant.ts';
import { whatIsMissing } from './eventually-ready.ts';
import { whenInstantsEnd } from './instants.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('startsAtOnce');

/** Rules 1, 7, 8 and 13: whoever may start does so at that very instant, and is not forgotten. */
export const startsAtOnce: Invariant = {
  name: 'startsAtOnce',
  description: 'Whatever may start starts at once: nothing waits for nothing.',
  kind: 'liveness',
  needs: ['calls', 'instants'],
  begin(tree, book) {
    const look = whenInstantsEnd(book, (at, next) => {
      if (book.stopping) return undefined;
      for (const place of book.places()) {
        if (place.state === 'running') continue;
        const missing = whatIsMissing(tree, book, place, next);
        if (!missing) continue;
        const last = place.last ?? book.place(place.parent).starting;
        if (!last) continue;
        return violation(
          last,
          `${place.path} does not start at ${at} ms: ${missing}.`,
          place.starting,
          place.over,
          place.backoff,
        );
      }
      return undefined;
    });
    return { onEvent: look };
  },
};
