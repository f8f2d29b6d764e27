import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { makeMails } from '../../examples/03-failure-testing/outliving-retry.ts';
import { bodyInvariants, checkTree, emptyPlan, type FaultPlan } from '../../src/testing/index.ts';

const page = new URL('../../examples/03-failure-testing/README.md', import.meta.url);

it('examples/03-failure-testing shows what the plan that it shows leads to', async () => {
  const text = readFileSync(page, 'utf8');
  const [, shown = ''] = /says:\n\n```\n([\s\S]*?)\n\nThe smallest plan/.exec(text) ?? [];
  const [, faults = ''] = /faults: (\[[\s\S]*?\n {2}\]),/.exec(text) ?? [];
  const struck = new Function(`return ${faults}`)() as FaultPlan['faults'];
  const plan = { ...emptyPlan, faults: struck, horizonMs: 5_000, seed: 1 };
  const options = { invariants: bodyInvariants, plans: [plan], shrinkBudget: 0 };
  const { message } = await checkTree(makeMails, options).then(
    () => new Error('Nothing was found.'),
    (error: Error) => error,
  );

  expect(shown).toContain('Violated: ');
  expect(message.slice(0, shown.length)).toBe(shown);
});
