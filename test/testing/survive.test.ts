import { describe, expect, it } from 'vitest';
import { bodyInvariants, checkTree } from '../../src/testing/index.ts';
import { defaultInvariants } from '../../src/testing/invariants/defaults.ts';
import { batteryTrees } from './battery-trees.ts';
import { exampleTrees } from './example-trees.ts';
import { referenceTrees } from './reference-trees.ts';

/** Plans over the reference trees together, and over each tree with batteries; `npm run acceptance` runs 10,000. */
const plans = Number(process.env.DARUMA_RUNS ?? 500);
/** Nightly runs draw theirs. */
const seed = Number(process.env.DARUMA_SEED ?? 1);

const several = { ...referenceTrees, ...exampleTrees };
const runs = Math.ceil(plans / Object.keys(several).length);

/** The plans of the trees without batteries are for all of them together. */
const cases = [
  ...Object.entries(several).map(([name, tree]) => [name, runs, tree] as const),
  ...Object.entries(batteryTrees).map(([name, tree]) => [name, plans, tree] as const),
];

describe('whatever goes wrong, every invariant holds', () => {
  it.each(cases)(
    'for the tree %s (%i plans)',
    { timeout: 60_000 + plans * 100 },
    async (name, count, { make, ...options }) => {
      // Those of the examples fail on purpose.
      const bodies = name in referenceTrees ? bodyInvariants : [];
      const invariants = [...defaultInvariants, ...bodies];
      const report = await checkTree(make, { ...options, invariants, runs: count, seed });

      expect(report.runs).toBe(count);
      expect(report.faults).toBeGreaterThan(count / 2);
      expect(report.escapes).toEqual([]);
    },
  );
});
