import { describe, it } from 'vitest';
import { deadlines } from './folds/deadlines.ts';
import { freeze } from './folds/freeze.ts';
import { stopProtocol } from './folds/stop-protocol.ts';
import { holds, runsOr, timeoutOf } from './harness/holds.ts';

const timeout = timeoutOf(runsOr(200));

describe('stopping', () => {
  it('invariant 5: whoever is asked to stop is cancelled and waited for with its cleanup, or is unstopped at its limit', {
    timeout,
  }, async () => {
    await holds(stopProtocol, { emphasis: { exits: 3, acts: 4 } });
  });

  it('invariant 6: nothing starts below what is stopping, which goes in reverse order, dependants first', {
    timeout,
  }, async () => {
    await holds(freeze, { emphasis: { acts: 5 }, runs: 200 });
  });

  it('invariant 7: everything is over by the smallest of the limits above it, the system a second before its grace is, and within its worst case', {
    timeout,
  }, async () => {
    await holds(deadlines, { emphasis: { exits: 2 }, runs: 200 });
  });
});
