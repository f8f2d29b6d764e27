import type { LifecycleEvent } from '../../../src/events.ts';
import { eventsOf } from '../harness/history.ts';
import type { Fold } from './ledger.ts';

/** What every listener must see at a path when it is told. */
const statusAt: Partial<Record<LifecycleEvent['type'], string>> = {
  waiting: 'waiting',
  starting: 'starting',
  ready: 'running',
  ignored: 'stopped',
  'start-failed': 'stopping',
  'stop-requested': 'stopping',
  'stop-error': 'stopping',
  ended: 'stopped',
  unstopped: 'unstopped',
  backoff: 'backoff',
  suspended: 'waiting',
  stopped: 'stopped',
  failed: 'failed',
  dropped: 'absent',
  overdue: 'running',
  draining: 'running',
};

/** 11. One total order, time never goes back, and every listener sees the state of the event. */
export const totalOrder: Fold = (history) => {
  const faults: string[] = [];
  const events = eventsOf(history);
  let at = 0;
  for (const [index, { event, status, n }] of events.entries()) {
    if (event.seq !== index + 1) faults.push(`event ${index + 1} has the number ${event.seq}`);
    if (event.at < at) faults.push(`event ${event.seq} goes back from ${at} to ${event.at} ms`);
    at = event.at;
    const expected = event.type === 'phase' ? event.phase : statusAt[event.type];
    const name = `${event.type} ${event.path}#${event.incarnation} at entry ${n}`;
    if (expected !== undefined && status !== expected) faults.push(`${name}: it is ${status}`);
    const [seq, echo] = history.echoes[index] ?? [];
    if (seq !== event.seq) faults.push(`${name} is the last listener's event ${seq}`);
    else if (expected !== undefined && echo !== expected) {
      faults.push(`${name}: for the last listener it is ${echo}`);
    }
  }
  if (history.echoes.length !== events.length) faults.push('the last listener missed events');
  return faults;
};
