import type { Invariant } from '../invariant.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('startOrder');

/** Rule 1, for the first start of a sequential supervisor. */
export const startOrder: Invariant = {
  name: 'startOrder',
  description: 'The items of a sequential supervisor come up in order, each ready before the next.',
  kind: 'safety',
  needs: ['calls'],
  begin(tree, book) {
    return {
      onEvent(event) {
        if (event.type !== 'starting') return undefined;
        const parent = tree.get(event.path)?.parent;
        if (parent?.spec.kind !== 'supervisor' || parent.spec.order !== 'sequential') {
          return undefined;
        }
        if (parent.spec.strategy === 'dynamic') return undefined;
        const above = book.place(parent.path);
        if (above.ready || !above.starting || book.callAbout(event.path)) return undefined;
        for (const sibling of parent.spec.children) {
          const path = `${parent.path}/${sibling.name}`;
          if (path === event.path) return undefined;
          const before = book.place(path);
          const began = above.starting.seq;
          const hasArrived =
            (before.startDone?.seq ?? 0) > began ||
            (before.state === 'stopped' && (before.last?.seq ?? 0) > began) ||
            // Its own `decide` leaves it down: it is not waited for.
            (before.decided?.answer === 'stop' && before.decided.seq > began) ||
            before.state === 'dropped' ||
            before.state === 'failed' ||
            book.callAbout(path) !== undefined;
          if (hasArrived) continue;
          return violation(
            event,
            `${event.path} starts at ${event.at} ms before ${path}, which is started before it, has been ready.`,
            above.starting,
            before.last,
          );
        }
        return undefined;
      },
    };
  },
};
