import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { hasGroups } from './groups.ts';
import type { Place } from './place.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('noStartAfterStopped');

/** What is down for good comes back by a call, with its group, or with its supervisor. */
export const noStartAfterStopped: Invariant = {
  name: 'noStartAfterStopped',
  description: 'What is stopped, failed or has done its work does not start by itself again.',
  kind: 'safety',
  needs: ['calls'],
  begin(tree, book) {
    let stopped: TraceEvent | undefined;
    return {
      onEvent(event) {
        if (event.type === 'phase' && event.phase === 'stopped') stopped = event;
        if (event.type !== 'starting') return undefined;
        const place = book.place(event.path);
        if (stopped) {
          return violation(
            event,
            `${event.path}#${event.incarnation} starts at ${event.at} ms, after the system has stopped.`,
            stopped,
          );
        }
        const down = downForGood(place);
        if (!down) return undefined;
        const supervisor = book.place(place.parent);
        if ((supervisor.starting?.seq ?? 0) > down.seq || hasGroups(tree, place.parent)) {
          return undefined;
        }
        if (tree.get(event.path) === undefined || book.callAbout(event.path)) return undefined;
        const why = place.isFinished ? 'has done its work' : `is ${place.state}`;
        return violation(
          event,
          `${event.path}#${event.incarnation} starts at ${event.at} ms although it ${why} since ${down.at} ms and nobody asked for it.`,
          place.starting,
          down,
        );
      },
    };
  },
};

/** The event since which it would not start by itself, if there is one: it may wait or be late since. */
function downForGood({ state, since, over, isFinished }: Place): TraceEvent | undefined {
  if (state === 'stopped' || state === 'failed' || state === 'dropped') return since;
  return isFinished ? over : undefined;
}
