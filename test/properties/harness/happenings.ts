import type { History } from './history.ts';
import { lineOf } from './log.ts';

/** What happened as text, to be compared with another run: without positions and stacks. */
export function happenings(history: History): string[] {
  return history.entries
    .filter((entry) => entry.kind !== 'event' || entry.event.type !== 'listener-failed')
    .map((entry) => lineOf({ ...entry, n: 0 }).replace(/(strays \w+) \d+/, '$1'));
}
