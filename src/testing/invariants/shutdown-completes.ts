import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { ownStopLimit } from './limits.ts';
import { ms, violationOf } from './violation.ts';

const violation = violationOf('shutdownCompletes');

/** Rules 15 to 20, in the end. */
export const shutdownCompletes: Invariant = {
  name: 'shutdownCompletes',
  description:
    'A shutdown ends with everything down or unstopped, within the sum of the stop limits.',
  kind: 'liveness',
  needs: ['end'],
  begin(_tree, book) {
    let asked: TraceEvent | undefined;
    let stopped: TraceEvent | undefined;
    return {
      onEvent(event) {
        // The time for draining comes before.
        if (event.type === 'phase' && event.phase === 'stopping') asked ??= event;
        if (event.type === 'phase' && event.phase === 'stopped') stopped = event;
        return undefined;
      },
      onEnd(trace) {
        const last = trace.events.at(-1);
        const isWhole = last?.type === 'finished' ? !last.isLivelock : last === stopped;
        if (!last || !isWhole || book.cutOff) return [];
        if (!stopped) {
          return [
            violation(
              last,
              `The system is not down at ${last.at} ms, and nothing will ever happen any more.`,
              book.stopping,
              ...stillUp(book.places()),
            ),
          ];
        }
        const { at, seq } = stopped;
        const up = [...book.places()].find((place) => place.isUp);
        if (up?.last) {
          return [
            violation(
              up.last,
              `${up.path}#${up.incarnation} is still ${up.state} although the system has stopped at ${at} ms.`,
              up.starting,
              stopped,
            ),
          ];
        }
        const after = trace.events.find((event) => event.seq > seq && event.type === 'starting');
        if (after) return [violation(after, `${after.path} starts after the end.`, stopped)];
        const limitMs = [...book.places()].reduce(
          (sum, { path }) =>
            sum + (book.spec(path)?.kind === 'service' ? ownStopLimit(book, path) : 0),
          0,
        );
        const tookMs = at - (asked?.at ?? at);
        if (tookMs <= limitMs + book.slackMs) return [];
        return [
          violation(
            stopped,
            `The shutdown took ${ms(tookMs)}; all stop limits together are ${ms(limitMs)}.`,
            asked,
          ),
        ];
      },
    };
  },
};

function stillUp(places: Iterable<{ isUp: boolean; last: TraceEvent | undefined }>): TraceEvent[] {
  return [...places].flatMap(({ isUp, last }) => (isUp && last ? [last] : [])).slice(0, 4);
}
