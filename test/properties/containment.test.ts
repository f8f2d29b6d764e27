import { describe, it } from 'vitest';
import { containment } from './folds/containment.ts';
import { differences } from './folds/differences.ts';
import { check, complain, holds, runsOr, timeoutOf } from './harness/holds.ts';
import { runPlan } from './harness/runner.ts';

const timeout = timeoutOf(2 * runsOr(150));

describe('containment', () => {
  it('invariant 4: nothing that user code does breaks a supervisor or reaches the process', {
    timeout,
  }, async () => {
    await holds(containment, { emphasis: { exits: 6 } });
  });

  it('invariant 4: listeners that fail change nothing but the reports of their failures', {
    timeout,
  }, async () => {
    await check(
      async (plan) => {
        const history = await runPlan(plan);
        const calm = await runPlan(plan, { throws: false });
        complain(differences('with failing listeners', history, 'without', calm), history);
      },
      { emphasis: { reactions: 4 }, runs: 100 },
    );
  });
});
