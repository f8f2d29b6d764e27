import { bodiesOf, eventsOf } from '../harness/history.ts';
import type { EventEntry } from '../harness/log.ts';
import { type Fold, fact, first, keyOf, livesOf, overOf, pairs } from './ledger.ts';

/** What only an incarnation that lives may say. */
const spoken = new Set<EventEntry['event']['type']>([
  'starting',
  'ready',
  'ignored',
  'start-failed',
  'stop-requested',
  'stop-error',
  'ended',
  'unstopped',
  'health',
  'overdue',
  'decide-failed',
  'hint',
]);

/**
 * 2. What an incarnation that is over calls throws `DARUMA_STALE_INCARNATION`; it says nothing more
 * than `late`, and nothing is ascribed to an incarnation that did not do it.
 */
export const fencing: Fold = (history) => {
  const faults: string[] = [];
  const overAt = new Map<string, number>();
  for (const life of livesOf(history)) {
    const over = overOf(life);
    if (over) overAt.set(keyOf(life), over.n);
  }
  for (const entry of bodiesOf(history)) {
    if (entry.what !== 'strays') continue;
    const [name, n, result] = (entry.detail ?? '').split(' ');
    const over = overAt.get(keyOf(entry));
    if (over === undefined || over > Number(n) || result === 'DARUMA_STALE_INCARNATION') continue;
    faults.push(`${keyOf(entry)} is over at entry ${over}; its ctx.${name} at ${n}: ${result}`);
  }
  for (const { n, event } of eventsOf(history)) {
    const over = overAt.get(keyOf(event));
    if (over === undefined || over >= n || !spoken.has(event.type)) continue;
    faults.push(`${event.type} ${keyOf(event)} at entry ${n}; it was over at ${over}`);
  }
  for (const { run, life } of pairs(history)) {
    const ready = life && first(life, 'ready');
    const said = fact(run, 'says-ready');
    if (ready && (!said || said.n > ready.n)) {
      faults.push(`ready ${keyOf(run)} at entry ${ready.n}, which it did not say`);
    }
    const ended = life && first(life, 'ended');
    if (ended?.event.type !== 'ended' || ended.event.reason !== 'normal') continue;
    const ends = fact(run, 'ends');
    if (
      !ends ||
      ends.n > ended.n ||
      !['normal', 'final', 'ignore', 'ends'].includes(ends.detail ?? '')
    ) {
      faults.push(`ended ${keyOf(run)} normally at entry ${ended.n}; it ended: ${ends?.detail}`);
    }
  }
  return faults;
};
