import type { Invariant } from '../invariant.ts';
import type { Place } from './place.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('needsReadyBeforeStart');

/** Rules 1 and 13. */
export const needsReadyBeforeStart: Invariant = {
  name: 'needsReadyBeforeStart',
  description: 'A service starts only while everything that it needs is ready.',
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
        return undefined;
      },
    };
  },
};

function named({ isGoing, state }: Place): string {
  if (isGoing) return 'on its way down';
  return state === 'none' ? 'not up yet' : state;
}
