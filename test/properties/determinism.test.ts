import { describe, it } from 'vitest';
import { differences } from './folds/differences.ts';
import { nothingHangs } from './folds/nothing-hangs.ts';
import { totalOrder } from './folds/total-order.ts';
import { check, complain, holds, runsOr, timeoutOf } from './harness/holds.ts';
import { runPlan } from './harness/runner.ts';
import { withoutGlobals } from './harness/without-globals.ts';

const timeout = timeoutOf(2 * runsOr(150));

describe('one clock, one seed, one order', () => {
  it('invariant 11: the same plan and seed give the same history twice, without the time or the chance of the process', {
    timeout,
  }, async () => {
    await check(
      async (plan) => {
        const { first, second, used } = await withoutGlobals(async () => ({
          first: await runPlan(plan),
          second: await runPlan(plan),
        }));
        const faults = used.map((what) => `it uses the process: ${what}`);
        complain([...faults, ...differences('first', first, 'again', second)], first);
      },
      { runs: 100 },
    );
  });

  it('invariant 11: events have one total order, and every listener sees the state of the event', {
    timeout,
  }, async () => {
    await holds(totalOrder, { emphasis: { reactions: 4 } });
  });
});

describe('the end', () => {
  it('invariant 12: after a stop every call is answered, no timer is left, and everything is at rest', {
    timeout,
  }, async () => {
    await holds(nothingHangs, { emphasis: { acts: 6, reactions: 3 }, runs: 200 });
  });
});
