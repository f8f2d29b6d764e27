import type { Invariant } from '../invariant.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('oneIncarnation');

/** Design 2.1. Bodies are looked at where the trace tells of them. */
export const oneIncarnation: Invariant = {
  name: 'oneIncarnation',
  description:
    'A new incarnation starts only when the old one and everything below it is over or abandoned.',
  kind: 'safety',
  begin(_tree, book) {
    return {
      onEvent(event) {
        if (event.type === 'body-begun') {
          const { begun, bodyOver, over, path } = book.place(event.path);
          if (!begun || bodyOver || begun.incarnation === event.incarnation) return undefined;
          if (over?.type === 'unstopped') return undefined;
          if (over?.type === 'ended' && over.reason === 'killed') return undefined;
          return violation(
            event,
            `The body of ${path}#${event.incarnation} begins at ${event.at} ms while that of #${begun.incarnation} still runs.`,
            begun,
            over,
          );
        }
        if (event.type !== 'starting') return undefined;
        const place = book.place(event.path);
        if (place.isUp) {
          return violation(
            event,
            `${place.path}#${event.incarnation} starts at ${event.at} ms while #${place.incarnation} is ${place.state}.`,
            place.starting,
            place.asked,
          );
        }
        // What an abandoned incarnation leaves below it is abandoned with it.
        if (place.over?.type === 'unstopped') return undefined;
        for (const child of book.childrenOf(place.path)) {
          const below = book.place(child);
          if (!below.isUp) continue;
          return violation(
            event,
            `${place.path}#${event.incarnation} starts at ${event.at} ms while ${child}#${below.incarnation} below it is ${below.state}.`,
            below.starting,
            place.over,
          );
        }
        return undefined;
      },
    };
  },
};
