import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { mustBeDecided, OpenDecisions } from './decisions.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('escalationReachesParent');

/** Rule 9. */
export const escalationReachesParent: Invariant = {
  name: 'escalationReachesParent',
  description:
    'A supervisor that gives up ends with RestartLimitExceeded, and its parent decides about that.',
  kind: 'safety',
  begin(tree, book) {
    const open = new OpenDecisions(tree, book);
    const escalated = new Map<string, TraceEvent>();
    return {
      onEvent(event) {
        const forgotten = open.take(event);
        if (event.type === 'escalated') escalated.set(event.path, event);
        // While it boots, giving up is a start that failed.
        if (event.type === 'start-failed') escalated.delete(event.path);
        if (event.type === 'ended') {
          const own = escalated.get(event.path);
          escalated.delete(event.path);
          const place = book.place(event.path);
          if (own && !place.asked && event.reason !== 'RestartLimitExceeded') {
            return violation(
              event,
              `${event.path} gave up at ${own.at} ms and ended '${event.reason}' instead of 'RestartLimitExceeded'.`,
              own,
            );
          }
          if (event.reason === 'RestartLimitExceeded' && mustBeDecided(book, place, event)) {
            open.open(event);
          }
        }
        if (!forgotten) return undefined;
        return violation(
          forgotten,
          `${forgotten.path} gave up and was down at ${forgotten.at} ms, and ${book.place(forgotten.path).parent} neither restarts it nor gives up itself.`,
          book.place(forgotten.path).halting,
        );
      },
      onEnd(trace) {
        const last = trace.events.at(-1);
        if (last?.type !== 'finished' || last.isLivelock || book.cutOff) return [];
        return [...escalated.values()].map((event) =>
          violation(
            event,
            `${event.path} gave up at ${event.at} ms and has not ended by ${last.at} ms.`,
          ),
        );
      },
    };
  },
};
