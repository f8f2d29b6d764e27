import type { Invariant } from '../invariant.ts';
import type { RunEvent } from '../schedules.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('scheduleQuietAfterStop');

export const scheduleQuietAfterStop: Invariant = {
  name: 'scheduleQuietAfterStop',
  description: 'No run begins once a drain or a stop has, and none outlives its schedule.',
  kind: 'safety',
  begin(_tree, book) {
    const underWay = new Map<string, Map<number, RunEvent>>();
    const draining = new Map<string, number>();
    return {
      onEvent(event) {
        const { path } = event;
        if (event.type === 'draining') draining.set(path, event.incarnation);
        // What failed has closed nothing.
        if (event.type === 'drained' && event.error) draining.delete(path);
        if (event.type === 'unstopped') underWay.delete(path);
        if (event.type === 'ended') {
          const [left] = underWay.get(path)?.values() ?? [];
          underWay.delete(path);
          if (!left || event.reason === 'killed') return undefined;
          const message = `${path} ended at ${event.at} ms while its run ${left.run} was under way.`;
          return violation(event, message, left);
        }
        if (event.type !== 'schedule-run' || event.status === 'retrying') return undefined;
        const runs = underWay.get(path) ?? new Map<number, RunEvent>();
        underWay.set(path, runs);
        if (event.status !== 'started') {
          runs.delete(event.run);
          return undefined;
        }
        runs.set(event.run, event);
        const { asked, aborted, over } = book.place(path);
        const isDraining = draining.get(path) === event.incarnation;
        if (!asked && !aborted && !over && !isDraining) return undefined;
        const why = isDraining ? 'it drained' : 'its end had begun';
        const message = `Run ${event.run} of ${path} began at ${event.at} ms although ${why}.`;
        return violation(event, message, asked, aborted, over);
      },
    };
  },
};
