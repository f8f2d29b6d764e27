import type { Invariant } from '../invariant.ts';
import { policyOf, type RunEvent } from '../schedules.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('scheduleNoOverlap');

export const scheduleNoOverlap: Invariant = {
  name: 'scheduleNoOverlap',
  description: 'A schedule never has more runs under way than its overlap policy allows.',
  kind: 'safety',
  begin(tree) {
    const running = new Map<string, Map<number, RunEvent>>();
    return {
      onEvent(event) {
        // Abandoned runs are fenced off; those of an incarnation that is over are over.
        if (event.type === 'unstopped' || event.type === 'ended') running.delete(event.path);
        if (event.type !== 'schedule-run') return undefined;
        const under = running.get(event.path) ?? new Map<number, RunEvent>();
        running.set(event.path, under);
        if (event.status === 'retrying') return undefined;
        if (event.status !== 'started') {
          under.delete(event.run);
          return undefined;
        }
        const policy = policyOf(tree.specAt(event.path));
        const others = [...under.values()];
        under.set(event.run, event);
        const most = policy?.overlap === 'allow' ? policy.concurrency : 1;
        if (!policy || under.size <= most) return undefined;
        return violation(
          event,
          `Run ${event.run} of ${event.path} began at ${event.at} ms while ${others.length} were under way; overlap: '${policy.overlap}' allows ${most} in all.`,
          ...others,
        );
      },
    };
  },
};
