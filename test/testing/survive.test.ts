import { describe, expect, it } from 'vitest';
import {
  checkTrace,
  checkTree,
  emptyPlan,
  runPlan,
  supervisionInvariants,
} from '../../src/testing/index.ts';
import { exampleTrees } from './example-trees.ts';
import { type ReferenceTree, referenceTrees } from './reference-trees.ts';

/** Plans in all; `npm run acceptance` runs 10,000. */
const plans = Number(process.env.DARUMA_RUNS ?? 500);
/** Nightly runs draw theirs. */
const seed = Number(process.env.DARUMA_SEED ?? 1);

const trees = Object.entries({ ...referenceTrees, ...exampleTrees });
const runs = Math.ceil(plans / trees.length);

describe('whatever goes wrong, every invariant holds', () => {
  it.each(trees)('for the tree %s', { timeout: 60_000 + plans * 100 }, async (_name, tree) => {
    const { make, ...options } = tree;
    const report = await checkTree(make, { ...options, runs, seed });

    expect(report.runs).toBe(runs);
    expect(report.faults).toBeGreaterThan(runs / 2);
    expect(report.escapes).toEqual([]);
  });

  it('also where a one-shot that has done its work is to do it again with its group', async () => {
    const { make } = exampleTrees.shop as ReferenceTree;
    const on = 'shop/storage/database';
    const faults = [
      { kind: 'configReject', trigger: { on, incarnation: 2 } },
      { kind: 'uncaughtException', trigger: { on, incarnation: 1 }, params: { ms: 401 } },
    ];
    const policy = { 'shop/trade': { intensity: 0 } };
    const plan = { ...emptyPlan, faults, policy, horizonMs: 1_000 };

    const { trace, simulation } = await runPlan(make, plan);

    expect(checkTrace(simulation.tree, trace, supervisionInvariants)).toEqual([]);
  });

  it('also where a supervisor goes down and is up again within an instant', async () => {
    const { make } = referenceTrees.machines as ReferenceTree;
    const on = 'machines/outer/c';
    const faults = [
      { kind: 'crashAtStart', trigger: { on, incarnation: 2 } },
      { kind: 'crashAfter', trigger: { on, incarnation: 1 }, params: { ms: 0 } },
    ];
    // Of those that draw a delay of 0.
    const plan = { ...emptyPlan, faults, horizonMs: 1_000, seed: 1_297_788_621 };

    const { trace, simulation } = await runPlan(make, plan);

    expect(checkTrace(simulation.tree, trace, supervisionInvariants)).toEqual([]);
  });
});
