import { type Fold, fact, first, keyOf, overOf, pairs } from './ledger.ts';

/** 3. One signal for each incarnation, cancelled on every exit, and not before. */
export const oneSignal: Fold = (history) => {
  const faults: string[] = [];
  for (const { run, life } of pairs(history)) {
    const plan = history.shape.service(run.path);
    const cancelled = fact(run, 'cancelled');
    const over = life && overOf(life);
    // Who only sleeps never looks at the signal.
    if (over && plan?.waits !== 'sleep' && (!cancelled || cancelled.n > over.n)) {
      faults.push(`${keyOf(run)} is over at entry ${over.n}, its signal is not cancelled`);
    }
    if (!cancelled || plan?.receives === 'throws' || plan?.spawns || plan?.strayAfter) continue;
    const ends = fact(run, 'ends');
    const cause =
      life &&
      first(life, 'stop-requested', 'start-failed', 'unstopped', 'ended', 'ignored', 'overdue');
    if ((ends && ends.n < cancelled.n) || (cause && cause.n < cancelled.n)) continue;
    // Abandoned: cancelled just before it is announced.
    if (cause?.at === cancelled.at && cause.event.type !== 'stop-requested') continue;
    faults.push(`${keyOf(run)} is cancelled at entry ${cancelled.n} without a cause`);
  }
  for (const end of history.runs) {
    if (!end.isAborted) faults.push(`${keyOf(end)}: in the end its signal is not cancelled`);
    if (!end.isSameSignal) faults.push(`${keyOf(end)} has had several signals`);
  }
  return faults;
};
