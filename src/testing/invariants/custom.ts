import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { violationOf } from './violation.ts';

/** Holds at every event of every run. `holds` is asked after the event. */
export function always(name: string, holds: (event: TraceEvent) => boolean): Invariant {
  const violation = violationOf(name);
  return {
    name,
    description: `'${name}' holds at every event.`,
    kind: 'safety',
    begin: () => ({
      onEvent: (event) =>
        holds(event)
          ? undefined
          : violation(
              event,
              `'${name}' does not hold at ${event.at} ms, at '${event.type}' of ${event.path}.`,
            ),
    }),
  };
}

/** Some event is as `isIt` says, no later than `withinMs` after the boot. */
export function eventually(
  name: string,
  withinMs: number,
  isIt: (event: TraceEvent) => boolean,
): Invariant {
  const violation = violationOf(name);
  return {
    name,
    description: `'${name}' happens within ${withinMs} ms.`,
    kind: 'liveness',
    begin: () => {
      let isOver = false;
      return {
        onEvent(event) {
          if (isOver) return undefined;
          isOver = event.at > withinMs || isIt(event);
          if (event.at <= withinMs) return undefined;
          return violation(event, `'${name}' has not happened within ${withinMs} ms.`);
        },
        onEnd({ events }) {
          const last = events.at(-1);
          if (isOver || !last) return [];
          return [violation(last, `'${name}' has not happened by the end, at ${last.at} ms.`)];
        },
      };
    },
  };
}

/** Counts how often something was reached. Never violated: coverage reports it. */
export interface Sometimes extends Invariant {
  readonly isIt: (event: TraceEvent) => boolean;
}

/** The interesting case is reached in some run: a check that never sees it proves nothing. */
export function sometimes(name: string, isIt: (event: TraceEvent) => boolean): Sometimes {
  return {
    name,
    description: `'${name}' happens in some run.`,
    kind: 'safety',
    begin: () => ({}),
    isIt,
  };
}

export function isSometimes(invariant: Invariant): invariant is Sometimes {
  return 'isIt' in invariant;
}
