import type { Invariant, Violation } from '../invariant.ts';
import type { Book } from './book.ts';
import type { Of, Place } from './place.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('needsReadyBeforeStart');

/** Rules 1 and 13. */
export const needsReadyBeforeStart: Invariant = {
  name: 'needsReadyBeforeStart',
  description:
    'A service starts only while everything that it needs is ready, and after what it needs optionally.',
  kind: 'safety',
  begin(tree, book) {
    return {
      onEvent(event) {
        if (event.type !== 'starting') return undefined;
        for (const { path } of tree.needsOf(event.path)) {
          const need = book.place(path);
          if ((need.isReady && !need.isGoing) || need.isUnclear) continue;
          return violation(
            event,
            `${event.path}#${event.incarnation} starts at ${event.at} ms although ${path}, which it needs, is ${named(need)}.`,
            need.starting,
            need.last,
          );
        }
        return beforeItsTurn(book, event);
      },
    };
  },
};

/** One that it can do without comes first all the same, where both start for the first time. */
function beforeItsTurn(book: Book, event: Of<'starting'>): Violation | undefined {
  const spec = book.spec(event.path);
  if (spec?.kind !== 'service' || event.incarnation > 1 || book.callAbout(event.path)) {
    return undefined;
  }
  for (const { path, optional } of spec.needs) {
    const { state, incarnation, starting } = book.place(path);
    if (!optional || state !== 'starting' || incarnation > 1 || book.callAbout(path)) continue;
    return violation(
      event,
      `${event.path}#1 starts at ${event.at} ms while ${path}, which comes before it, is still starting.`,
      starting,
    );
  }
  return undefined;
}

function named({ isGoing, state }: Place): string {
  if (isGoing) return 'on its way down';
  return state === 'none' ? 'not up yet' : state;
}
