import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('resourcesReturned');

/** What an incarnation holds, by number: the last thing that is known of it. */
type Held = Map<number, TraceEvent & { readonly type: 'resource' }>;

/** The order of a cleanup: the last first, one after the other, each once, whatever the others did. */
export const resourcesReturned: Invariant = {
  name: 'resourcesReturned',
  description:
    'What an incarnation has acquired is given back before it has ended: the last first, one by one, also when one of them fails.',
  kind: 'safety',
  needs: ['bodies'],
  begin(_tree, book) {
    /** By path and incarnation. */
    const all = new Map<string, Held>();
    /** Of those, the ones that have the id of another, which was abandoned and still gives back. */
    const mixed = new Set<string>();
    return {
      onEvent(event) {
        const key = `${event.path}#${event.incarnation}`;
        // Ids of children that come and go are used again, and count from the beginning.
        if (event.type === 'starting') {
          const left = [...(all.get(key)?.values() ?? [])];
          if (left.some(({ did }) => did !== 'returned')) mixed.add(key);
          all.delete(key);
        }
        if (mixed.has(key)) return undefined;
        if (event.type === 'resource') {
          const held: Held = all.get(key) ?? new Map();
          all.set(key, held);
          const before = held.get(event.nth);
          if (!before && event.did !== 'acquired') return undefined;
          const later = [...held.values()].find((e) => e.nth > event.nth && e.did !== 'returned');
          held.set(event.nth, event);
          if (event.did !== 'returning' || (before?.did === 'acquired' && !later)) return undefined;
          return violation(
            event,
            `${key} gives back what it acquired as number ${event.nth} at ${event.at} ms ${later ? `before number ${later.nth}` : 'a second time'}.`,
            before,
            later,
          );
        }
        const held = all.get(key);
        if (!held || event.type !== 'ended') return undefined;
        const left = [...held.values()].find(({ did }) => did !== 'returned');
        // What is cut off has no time left, and gives back what it can afterwards.
        if (!left || event.reason === 'killed' || book.cutOff) return undefined;
        return violation(
          event,
          `${key} has ended at ${event.at} ms, and what it acquired as number ${left.nth} is ${left.did === 'acquired' ? 'still held' : 'still being given back'}.`,
          left,
          book.place(event.path).bodyOver,
        );
      },
    };
  },
};
