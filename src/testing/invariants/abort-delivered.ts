import type { Invariant } from '../invariant.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('abortDelivered');

/** Design 2.3: the signal is aborted on every exit; stop, crash and normal return alike. */
export const abortDelivered: Invariant = {
  name: 'abortDelivered',
  description: 'The signal of an incarnation is aborted before it is reported as over.',
  kind: 'safety',
  needs: ['bodies'],
  begin(_tree, book) {
    return {
      onEvent(event) {
        const place = book.place(event.path);
        const { begun, aborted, over } = place;
        if (!begun || aborted || begun.incarnation !== place.incarnation) return undefined;
        const isOver = ['ended', 'unstopped', 'ignored'].includes(event.type);
        const isDecided =
          over?.type === 'start-failed' &&
          ['backoff', 'failed', 'dropped', 'starting'].includes(event.type);
        if (!isOver && !isDecided) return undefined;
        return violation(
          event,
          `${event.path}#${begun.incarnation} is over at ${event.at} ms (${event.type}), and its signal was not aborted.`,
          begun,
          over,
        );
      },
    };
  },
};
