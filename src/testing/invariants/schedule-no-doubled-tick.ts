import type { Invariant } from '../invariant.ts';
import { policyOf, type RunEvent } from '../schedules.ts';
import type { TreeInfo } from '../tree-info.ts';
import type { Book } from './book.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('scheduleNoDoubledTick');

export const scheduleNoDoubledTick: Invariant = {
  name: 'scheduleNoDoubledTick',
  description: 'No due time of a schedule runs twice, over all its incarnations.',
  kind: 'safety',
  begin(tree, book) {
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
        if (!first || isFirstTick(tree, book, event, first)) return undefined;
        return violation(
          event,
          `Run ${event.run} of ${event.path} began at ${event.at} ms for what was due at ${event.due}, as run ${first.run} had at ${first.at} ms.`,
          first,
        );
      },
    };
  },
};

/**
 * With `immediately` each incarnation has a tick that is due when it starts, and two of them may start
 * at the same instant.
 */
function isFirstTick(tree: TreeInfo, book: Book, event: RunEvent, before: RunEvent): boolean {
  const { path, incarnation, due } = event;
  const policy = policyOf(tree.specAt(path));
  const { starting } = book.place(path);
  if (!policy?.isImmediate || !starting || incarnation === before.incarnation) return false;
  const startedAt = policy.kind === 'every' ? starting.at : starting.time;
  return due !== null && due >= startedAt;
}
