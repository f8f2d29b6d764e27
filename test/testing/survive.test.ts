import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import {
  bodyInvariants,
  checkTrace,
  checkTree,
  emptyPlan,
  jobInvariants,
  runPlan,
} from '../../src/testing/index.ts';
import { defaultInvariants } from '../../src/testing/invariants/defaults.ts';
import { batteryTrees } from './battery-trees.ts';
import { exampleTrees } from './example-trees.ts';
import { type ReferenceTree, referenceTrees } from './reference-trees.ts';
import { wildTrees } from './wild-trees.ts';

/** Plans over the reference trees together, and over each tree with batteries; `npm run acceptance` runs 10,000. */
const plans = Number(process.env.DARUMA_RUNS ?? 500);
/** Nightly runs draw theirs. */
const seed = Number(process.env.DARUMA_SEED ?? 1);

const several = { ...referenceTrees, ...exampleTrees };
/** The plans of the trees without batteries are for all of them together. */
const runs = Math.ceil(plans / Object.keys(several).length);

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

  it('for trees that nobody thought of', { timeout: 60_000 + plans * 200 }, async () => {
    const each = 10;
    const invariants = [...defaultInvariants, ...bodyInvariants];
    for (const { make } of Object.values(wildTrees(Math.ceil(plans / each), seed))) {
      const report = await checkTree(make, { invariants, runs: each, seed });

      expect(report.escapes).toEqual([]);
    }
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

    expect(checkTrace(simulation.tree, trace, defaultInvariants)).toEqual([]);
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

    expect(checkTrace(simulation.tree, trace, defaultInvariants)).toEqual([]);
  });

  it('also where a supervisor is called off before it begins, and somebody waits for what is in it', async () => {
    const { make } = referenceTrees.mesh as ReferenceTree;
    const faults = [
      { kind: 'stopByHand', trigger: { at: 2_393 }, target: 'mesh/deep/source' },
      { kind: 'restartByHand', trigger: { at: 3_886 }, target: 'mesh/deep' },
      { kind: 'stopByHand', trigger: { at: 4_086 }, target: 'mesh/deep/deeper' },
    ];

    const { trace, simulation } = await runPlan(make, { ...emptyPlan, faults });

    expect(checkTrace(simulation.tree, trace, defaultInvariants)).toEqual([]);
    expect(trace.of('mesh/deep/drip').filter(({ type }) => type === 'ready')).toHaveLength(2);
  });

  it('also where a group goes down of which a one-shot is to be done again, and is stopped by hand', async () => {
    const { make } = referenceTrees.bands as ReferenceTree;
    const faults = [
      { kind: 'throwNonError', trigger: { at: 13_630 }, target: 'bands/trio/drum' },
      { kind: 'slowStop', trigger: { on: 'bands/trio/bass', incarnation: 1 }, params: { ms: 200 } },
      { kind: 'stopByHand', trigger: { at: 13_631 }, target: 'bands/trio' },
    ];

    const { trace, simulation } = await runPlan(make, { ...emptyPlan, faults });

    expect(checkTrace(simulation.tree, trace, defaultInvariants)).toEqual([]);
    const stopped = (path: string) =>
      trace.of(path).findLast(({ type }) => type === 'stop-requested')?.at;
    expect(stopped('bands/trio/bass')).toBe(13_630);
    expect(stopped('bands/trio/solo')).toBe(13_830);
  });

  it('also where the event loop stands still until leases are over', async () => {
    const { make } = batteryTrees.mill as ReferenceTree;
    const faults = [{ kind: 'eventLoopStall', trigger: { at: 1 }, params: { ms: 1_999 } }];

    const { trace, simulation } = await runPlan(make, { ...emptyPlan, faults, horizonMs: 4_000 });

    expect(checkTrace(simulation.tree, trace, jobInvariants)).toEqual([]);
    const labels = trace.events.filter(
      (event) => event.type === 'job-handler' && event.did === 'begun' && event.queue === 'labels',
    );
    expect(labels.length).toBeGreaterThan(2);
  });

  it('also where somebody stops a part of the tree while the system drains, with less time left', async () => {
    const { make, ...options } = batteryTrees.mill as ReferenceTree;
    const faults = [
      { kind: 'jobDelay', trigger: { at: 1 }, params: { ms: 401, delay: 3_001 } },
      { kind: 'eventLoopStall', trigger: { at: 2_324 }, params: { ms: 59_999 } },
      { kind: 'shutdown', trigger: { at: 2_323 } },
      { kind: 'stopByHand', trigger: { at: 3_095 }, target: 'mill/floor' },
    ];
    const plan = { ...emptyPlan, faults, horizonMs: 8_000 };

    const { trace, simulation } = await runPlan(make, plan, options);

    expect(checkTrace(simulation.tree, trace, defaultInvariants)).toEqual([]);
  });

  it('also where a dead job of which nobody heard is tried again, and completed by somebody else', async () => {
    const { make, ...options } = batteryTrees.mill as ReferenceTree;
    const ackLost = (at: number, count: number) => {
      return { kind: 'ackLost', trigger: { at }, params: { count, isStored: true } };
    };
    const faults = [
      {
        kind: 'unhandledRejection',
        trigger: { on: 'mill/carts', incarnation: 1 },
        params: { ms: 42, error: 'circular' },
      },
      {
        kind: 'unhandledRejection',
        trigger: { on: 'mill/foreman', incarnation: 1 },
        params: { ms: 10, error: 'Error' },
      },
      ackLost(3_332, 3),
      ackLost(3_123, 4),
      {
        kind: 'jobRejects',
        trigger: { at: 3_523 },
        target: 'mill/floor/querns',
        params: { count: 5 },
      },
    ];
    const plan = { ...emptyPlan, faults, horizonMs: 8_000, seed: 1_049_068_665 };

    const { trace, simulation } = await runPlan(make, plan, options);

    expect(checkTrace(simulation.tree, trace, jobInvariants)).toEqual([]);
  });

  it('also where one that a call has started anew fails before its last end is decided about', async () => {
    const work = { restart: 'transient', backoff: { first: 100, jitter: 'none' } } as const;
    const make = () => supervisor('app', [service('one', work, (ctx) => ctx.sleep('1d'))]);
    const on = 'app/one';
    const faults = [
      { kind: 'exitClean', trigger: { on, incarnation: 1 }, params: { ms: 10 } },
      { kind: 'restartByHand', trigger: { when: 'ended' as const, of: on }, target: on },
      { kind: 'crashAfter', trigger: { on, incarnation: 2 }, params: { ms: 0 } },
    ];
    // The failure comes before the turn in which the first end would be decided about.
    const plan = { ...emptyPlan, faults, choices: [0, 1], horizonMs: 1_000 };

    const { trace, simulation } = await runPlan(make, plan);

    expect(checkTrace(simulation.tree, trace, defaultInvariants)).toEqual([]);
    expect(trace.of(on).filter(({ type }) => type === 'starting')).toHaveLength(3);
  });

  it('also where restarts without a delay use up a budget in a budget within an instant', async () => {
    const flaky = service('flaky', { firstStart: 'retry', backoff: { first: 0 } }, (ctx) =>
      ctx.sleep('1d'),
    );
    const inner = supervisor('inner', { intensity: 20, backoff: { first: 0 } }, [flaky]);
    const make = () => supervisor('app', { intensity: 20 }, [inner]);
    const on = 'app/inner/flaky';
    const faults = [
      { kind: 'configReject', trigger: { on, incarnation: 2 } },
      { kind: 'crashAfter', trigger: { on, incarnation: 1 }, params: { ms: 5 } },
    ];

    const { trace, simulation } = await runPlan(make, { ...emptyPlan, faults, horizonMs: 1_000 });

    expect(checkTrace(simulation.tree, trace, defaultInvariants)).toEqual([]);
    const starts = trace.of(on).filter(({ type }) => type === 'starting');
    expect(starts).toHaveLength(1 + 20 + 21 * 20);
  });

  it('also where what is to stop is needed by a child that somebody spawned, who hangs', async () => {
    const web = service('web', (ctx) => ctx.sleep('1d'));
    const probe = service('probe', { needs: { web } }, (ctx) => ctx.sleep('1d'));
    const probes = service('probes', { start: (ctx) => void ctx.spawn(probe) });
    const outside = supervisor('outside', [web]);
    const make = () => supervisor('app', { start: 'parallel' }, [outside, probes]);
    const faults = [{ kind: 'hangStop', trigger: { on: 'app/probes', incarnation: 1 } }];

    const { trace, simulation } = await runPlan(make, { ...emptyPlan, faults, horizonMs: 1_000 });

    expect(checkTrace(simulation.tree, trace, defaultInvariants)).toEqual([]);
    expect(trace.of('app/probes').map(({ type }) => type)).toContain('unstopped');
  });
});
