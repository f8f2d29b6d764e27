import { callsOf, eventsOf } from '../harness/history.ts';
import type { Fold } from './ledger.ts';

const atRest = new Set(['stopped', 'failed', 'unstopped', 'absent']);

/** 12. After a stop every call has been answered, no timer is left, and everything is at rest. */
export const nothingHangs: Fold = (history) => {
  const faults: string[] = [];
  if (history.isLooping) faults.push('it loops within one instant');
  const open = new Map<number, string>();
  for (const { call, what, fn, path, n } of callsOf(history)) {
    if (what === 'begins') open.set(call, `${fn} ${path} of entry ${n}`);
    else if (open.has(call)) open.delete(call);
    else faults.push(`${fn} ${path} was answered twice, the second time at entry ${n}`);
  }
  for (const call of open.values()) faults.push(`${call} was never answered`);
  if (history.timersLeft !== 0) faults.push(`${history.timersLeft} timers are left`);
  const stopped = eventsOf(history).find(
    ({ event }) => event.type === 'phase' && event.phase === 'stopped',
  );
  if (!stopped) faults.push('the system never stopped');
  if (history.report?.cutOff.length) return faults;
  for (const [path, status] of history.statuses) {
    if (!atRest.has(status)) faults.push(`${path} is ${status} in the end`);
  }
  return faults;
};
