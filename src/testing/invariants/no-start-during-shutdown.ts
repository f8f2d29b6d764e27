import type { Invariant } from '../invariant.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('noStartDuringShutdown');

/** Rule 15 and design 2.6. */
export const noStartDuringShutdown: Invariant = {
  name: 'noStartDuringShutdown',
  description: 'Nothing starts, and no restart is charged, below a supervisor that goes down.',
  kind: 'safety',
  begin(_tree, book) {
    return {
      onEvent(event) {
        if (event.type !== 'starting' && event.type !== 'backoff') return undefined;
        const halting = book.haltingAbove(event.path);
        if (!halting) return undefined;
        const does = event.type === 'starting' ? 'starts' : 'is charged a restart';
        return violation(
          event,
          `${event.path}#${event.incarnation} ${does} at ${event.at} ms although ${halting.path} has been going down since ${halting.at} ms (${halting.type}).`,
          halting,
          book.place(event.path).last,
        );
      },
    };
  },
};
