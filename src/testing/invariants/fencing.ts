import type { Invariant } from '../invariant.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('fencedWhenOver');

/** Design 2.2: an incarnation that is over can never act for its successor. */
export const fencedWhenOver: Invariant = {
  name: 'fencedWhenOver',
  description: 'The context of an incarnation that is over or abandoned refuses to act.',
  kind: 'safety',
  needs: ['bodies'],
  begin(_tree, book) {
    return {
      onEvent(event) {
        if (event.type !== 'context-used') return undefined;
        const { incarnation, over } = book.place(event.path);
        const isOver = over !== undefined && over.type !== 'start-failed';
        if (event.incarnation === incarnation && !isOver) return undefined;
        return violation(
          event,
          `${event.path}#${event.incarnation} is over, and its ctx.${event.what}() is not refused at ${event.at} ms.`,
          over,
          book.place(event.path).starting,
        );
      },
    };
  },
};
