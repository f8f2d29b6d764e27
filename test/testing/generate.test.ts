import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyPlan,
  type FaultPlan,
  faultPlans,
  runPlan,
  treeInfoOf,
} from '../../src/testing/index.ts';
import { layered, pools, strict } from './reference-trees.ts';

const tree = treeInfoOf(layered());
const sample = (plans: fc.Arbitrary<FaultPlan>, numRuns = 200) =>
  fc.sample(plans, { seed: 1, numRuns });

/** The smallest plan for which something holds. */
async function smallest(fails: (plan: FaultPlan) => boolean, examples: FaultPlan[] = []) {
  const property = fc.property(faultPlans(tree), (plan) => !fails(plan));
  const { counterexample } = await fc.check(property, {
    seed: 1,
    numRuns: 1_000,
    examples: examples.map((plan): [FaultPlan] => [plan]),
  });
  return counterexample?.[0];
}

describe('generation', () => {
  it('keeps to the selection', () => {
    const targets = ['app/infra/bus', 'app/edge/web'];
    const only = ['crashAfter', 'hangStop', 'slowStop'];
    const plans = sample(faultPlans(tree, { only, except: ['slowStop'], targets, max: 5 }));
    const faults = plans.flatMap((plan) => plan.faults);

    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(['crashAfter', 'hangStop']));
    for (const { trigger, target } of faults) {
      expect(targets).toContain('on' in trigger ? trigger.on : target);
    }
    expect(Math.max(...plans.map((plan) => plan.faults.length))).toBe(5);
  });

  it('strikes nobody but those who are named, by whatever kind', () => {
    const targets = ['pools/store'];
    const plans = sample(faultPlans(treeInfoOf(pools()), { targets }));
    const struck = plans.flatMap(({ faults }) =>
      faults.map(({ trigger, target }) => target ?? ('on' in trigger ? trigger.on : undefined)),
    );

    expect(new Set(struck)).toEqual(new Set([...targets, undefined]));
  });

  it('refuses kinds and targets that do not exist', () => {
    expect(() => faultPlans(tree, { only: ['crash'] })).toThrow(/no fault 'crash'/);
    expect(() => faultPlans(tree, { targets: ['app/nobody'] })).toThrow(/no 'app\/nobody'/);
  });

  it('varies how long services and supervisors have to stop, and the run has it', async () => {
    const policies = sample(faultPlans(tree)).map(({ policy }) => policy);
    const varied = policies.flatMap((policy) =>
      Object.entries(policy).flatMap(([path, { stopWithinMs }]) => (stopWithinMs ? [path] : [])),
    );

    expect(varied.some((path) => tree.specAt(path)?.kind === 'service')).toBe(true);
    expect(varied.some((path) => tree.specAt(path)?.kind === 'supervisor')).toBe(true);
    const policy = { 'app/edge/web': { stopWithinMs: 123 } };
    const { trace } = await runPlan(layered, { ...emptyPlan, policy, horizonMs: 1_000 });
    const asked = trace.events.find(
      ({ type, path }) => type === 'stop-requested' && path === 'app/edge/web',
    );
    expect(asked).toMatchObject({ limitMs: 123 });
  });

  it('draws a kind as often as its weight says', () => {
    const only = ['crashAfter', 'exitClean'];
    const plans = sample(faultPlans(tree, { only, weights: { exitClean: 0 } }));

    expect(plans.flatMap((plan) => plan.faults).every(({ kind }) => kind === 'crashAfter')).toBe(
      true,
    );
  });

  it('tries the boundaries of the tree itself', () => {
    const info = treeInfoOf(strict());
    const faults = sample(faultPlans(info, { only: ['slowStop'] })).flatMap((plan) => plan.faults);
    const times = new Set(faults.map(({ params }) => params?.ms));

    for (const boundary of [499, 500, 501]) expect(times).toContain(boundary);
  });

  it('uses all triggers, and strikes dynamic children', () => {
    const info = treeInfoOf(pools());
    const faults = sample(faultPlans(info)).flatMap((plan) => plan.faults);
    const triggers = faults.map(({ trigger }) => Object.keys(trigger)[0]);

    expect(new Set(triggers)).toEqual(new Set(['on', 'at', 'when']));
    expect(faults.some(({ target }) => target === 'pools/jobs/1')).toBe(true);
  });

  it('leaves the end of a run in peace when asked to', () => {
    const plans = sample(faultPlans(tree, { healBefore: '20s' }));

    expect(plans.every(({ healMs }) => healMs === 20_000)).toBe(true);
  });
});

describe('shrinking', () => {
  it('leaves nothing that does not matter', async () => {
    expect(await smallest(() => true)).toEqual({
      faults: [],
      choices: [],
      policy: {},
      horizonMs: 1_000,
      seed: 1,
    });
  });

  it('goes to the first incarnation, the least value and the plainest shape', async () => {
    const plan = await smallest(({ faults }) =>
      faults.some(({ kind, params }) => kind === 'crashAfter' && Number(params?.ms) >= 700),
    );

    expect(plan?.faults).toEqual([
      {
        kind: 'crashAfter',
        trigger: { on: expect.any(String), incarnation: 1 },
        params: { ms: 700, error: 'Error' },
      },
    ]);
  });

  it('brings several faults to one service', async () => {
    const plan = await smallest(
      ({ faults }) => faults.filter(({ kind }) => kind === 'crashAfter').length >= 3,
    );
    const targets = plan?.faults.map(({ trigger }) => 'on' in trigger && trigger.on);

    expect(plan?.faults).toHaveLength(3);
    expect(new Set(targets).size).toBe(1);
  });

  it('lets one service fail again and again instead of several at some time', async () => {
    const isMany = ({ faults }: FaultPlan) =>
      new Set(faults.map(({ trigger }) => JSON.stringify(trigger))).size >= 4;
    const targets = ['app/edge/web', 'app/edge/search', 'app/edge/web', 'app/edge/search'];
    const faults = targets.map((target, nth) => ({
      kind: 'crashAfter',
      target,
      trigger: { at: 100 * nth },
    }));
    const stored = { faults, choices: [], policy: {}, horizonMs: 60_000, seed: 9 };
    const plan = await smallest(isMany, [stored]);
    const places = plan?.faults.flatMap(({ trigger }) => ('on' in trigger ? [trigger] : []));

    expect(new Set(places?.map(({ on }) => on)).size).toBe(1);
    expect(places?.map(({ incarnation }) => incarnation).toSorted()).toEqual([1, 2, 3, 4]);
  });

  it('makes one fault of many failures of one service', async () => {
    const failures = ({ faults }: FaultPlan) =>
      faults.reduce((sum, { params }) => sum + Number(params?.times ?? 1), 0);
    const on = 'app/edge/web';
    const faults = Array.from({ length: 6 }, (_, nth) => ({
      kind: 'crashAfter',
      trigger: { on, incarnation: nth + 1 },
    }));
    const stored = { faults, choices: [], policy: {}, horizonMs: 60_000, seed: 9 };
    const plan = await smallest((each) => failures(each) >= 6, [stored]);

    expect(plan?.faults).toEqual([
      { kind: 'readyFlap', trigger: { on, incarnation: 1 }, params: { times: 6, ms: 0 } },
    ]);
  });

  it('allows fewer restarts where fewer failures are enough then', async () => {
    const spends = ({ faults, policy }: FaultPlan) =>
      faults.length > (policy['app/edge']?.intensity ?? 5);
    const crash = { kind: 'crashAfter', target: 'app/edge/web' };
    const faults = Array.from({ length: 6 }, (_, nth) => ({ ...crash, trigger: { at: nth } }));
    const stored = { faults, choices: [], policy: {}, horizonMs: 60_000, seed: 9 };
    const plan = await smallest(spends, [stored]);

    expect(plan?.faults).toHaveLength(1);
    expect(plan?.policy).toEqual({ 'app/edge': { intensity: 0 } });
  });

  it('brings forward what has to stay as far apart as it is', async () => {
    const apart = ({ faults }: FaultPlan) => {
      const [first, second] = faults.map(({ trigger }) =>
        'at' in trigger ? trigger.at : Number.NaN,
      );
      return first !== undefined && second !== undefined && second - first === 397;
    };
    const stop = { kind: 'stopByHand', target: 'app/edge/web' };
    const faults = [28_229, 28_626].map((at) => ({ ...stop, trigger: { at } }));
    const stored = { faults, choices: [], policy: {}, horizonMs: 60_000, seed: 9 };
    const plan = await smallest(apart, [stored]);

    expect(plan?.faults.map(({ trigger }) => trigger)).toEqual([{ at: 0 }, { at: 397 }]);
  });

  it('keeps a choice that matters, and puts those before it in order', async () => {
    const plan = await smallest(({ choices }) => (choices[3] ?? 0) > 0);

    expect(plan?.choices).toEqual([0, 0, 0, 1]);
  });

  it('works on plans from files', async () => {
    const fault = { kind: 'hangStop', trigger: { at: 1_234 }, target: 'app/edge/web' };
    const stored = { faults: [fault, fault], choices: [2], policy: {}, horizonMs: 60_000, seed: 9 };
    const plan = await smallest(({ faults }) => faults.length > 0, [stored]);

    expect(plan?.faults).toEqual([
      { kind: 'hangStop', trigger: { on: 'app/edge/web', incarnation: 1 } },
    ]);
  });
});
