import { eventsOf } from '../harness/history.ts';
import { type Fold, isDoneBy, keyOf, overOf, pairs, runsOf } from './ledger.ts';

/**
 * 4. User code never breaks a supervisor: nothing reaches the process, what fails becomes an event,
 * a listener that fails is a `listener-failed` event, and a machine that fails leaves no children.
 */
export const containment: Fold = (history) => {
  const faults = history.escaped.map(
    (error) => `it escaped: ${String((error as Error)?.stack ?? error)}`,
  );
  const events = eventsOf(history);
  const count = (type: string) => events.filter(({ event }) => event.type === type).length;
  const failing = history.plan.reactions.filter(
    ({ act, on, nth }) => act.fn === 'throw' && count(on) > nth,
  );
  if (history.throws && count('listener-failed') !== failing.length) {
    faults.push(`${failing.length} listeners threw, ${count('listener-failed')} are reported`);
  }
  for (const { run, life } of pairs(history)) {
    const over = life && overOf(life);
    const inner = (what: 'inner-begins' | 'inner-ends') =>
      run.entries.filter((entry) => entry.what === what && entry.n < (over?.n ?? 0)).length;
    if (over && inner('inner-begins') > inner('inner-ends')) {
      faults.push(`${keyOf(run)} is over at entry ${over.n}, something inside its machine is not`);
    }
    if (
      !over &&
      life &&
      !history.report?.cutOff.includes(run.path) &&
      isDoneBy(history, run, Number.POSITIVE_INFINITY)
    ) {
      const isReported = life.events.some(({ event }) => event.type === 'start-failed');
      if (!isReported) faults.push(`${keyOf(run)} ended, and nobody was told`);
    }
  }
  for (const run of runsOf(history)) {
    for (const { what, detail, n } of run.entries) {
      if (what !== 'decide' || !['throws', 'nonsense'].includes(detail ?? '')) continue;
      const next = events.find((entry) => entry.n > n);
      if (next?.event.type === 'decide-failed' && next.event.path === run.path) continue;
      faults.push(`decide of ${keyOf(run)} failed at entry ${n}, which was not reported`);
    }
  }
  return faults;
};
