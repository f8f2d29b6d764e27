import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { hasGroups } from './groups.ts';
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
        const { last } = place;
        if (!last || !isForGood(place.state, place.isFinished)) return undefined;
        const supervisor = book.place(place.parent);
        if ((supervisor.starting?.seq ?? 0) > last.seq || hasGroups(tree, place.parent)) {
          return undefined;
        }
        if (tree.get(event.path) === undefined || book.callAbout(event.path)) return undefined;
        const why = place.isFinished ? 'has done its work' : `is ${place.state}`;
        return violation(
          event,
          `${event.path}#${event.incarnation} starts at ${event.at} ms although it ${why} since ${last.at} ms and nobody asked for it.`,
          place.starting,
          last,
        );
      },
    };
  },
};

function isForGood(state: string, isFinished: boolean): boolean {
  return isFinished || state === 'stopped' || state === 'failed' || state === 'dropped';
}
