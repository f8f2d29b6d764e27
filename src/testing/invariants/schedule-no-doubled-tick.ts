import type { Invariant } from '../invariant.ts';
import type { RunEvent } from '../schedules.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('scheduleNoDoubledTick');

export const scheduleNoDoubledTick: Invariant = {
  name: 'scheduleNoDoubledTick',
  description: 'No due time of a schedule runs twice, over all its incarnations.',
  kind: 'safety',
  begin() {
    const runs = new Map<string, Map<number, RunEvent>>();
    return {
      onEvent(event) {
        // Its clock was set back by hours: it lives through the same times of day again.
        if (event.type === 'schedule' && event.status === 'reset') runs.delete(event.path);
        if (event.type !== 'schedule-run' || event.status !== 'started') return undefined;
        if (event.due === null) return undefined;
        const known = runs.get(event.path) ?? new Map<number, RunEvent>();
        runs.set(event.path, known);
        const first = known.get(event.due);
        known.set(event.due, event);
        if (!first) return undefined;
        return violation(
          event,
          `Run ${event.run} of ${event.path} began at ${event.at} ms for what was due at ${event.due}, as run ${first.run} had at ${first.at} ms.`,
          first,
        );
      },
    };
  },
};
