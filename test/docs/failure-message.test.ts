import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { makeMails } from '../../examples/03-failure-testing/outliving-retry.ts';
import { bodyInvariants, checkTree } from '../../src/testing/index.ts';

const page = new URL('../../examples/03-failure-testing/README.md', import.meta.url);

it('examples/03-failure-testing shows the message that its last tree fails with', async () => {
  const [, shown = ''] =
    /says:\n\n```\n([\s\S]*?) {2}\.\.\.\n```/.exec(readFileSync(page, 'utf8')) ?? [];
  const { message } = await checkTree(makeMails, {
    invariants: bodyInvariants,
    seed: 1,
    shrinkBudget: '5m',
  }).then(
    () => new Error('Nothing was found.'),
    (error: Error) => error,
  );

  expect(shown).toContain('Violated: ');
  expect(message.slice(0, shown.length)).toBe(shown);
});
