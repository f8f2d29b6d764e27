import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AnySupervisor } from '../../src/define/definition.ts';
import { service, supervisor } from '../../src/index.ts';
import {
  checkTree,
  type FaultPlan,
  faultPlans,
  type Invariant,
  runPlan,
  TreeCheckError,
  treeMatchers,
  treeProperty,
} from '../../src/testing/index.ts';

function makeTree() {
  const loop = async (ctx: { sleep(duration: '1s'): Promise<void> }) => {
    for (;;) await ctx.sleep('1s');
  };
  return supervisor('app', [service('feed', loop), service('web', loop)]);
}

/** A rule that some plans break: nobody restarts twice. */
const neverTwice: Invariant = {
  name: 'neverTwice',
  description: 'A service restarts at most once.',
  kind: 'safety',
  begin() {
    return {
      onEvent(event) {
        if (event.type !== 'backoff' || event.attempt < 2) return undefined;
        const { at, path, seq } = event;
        const message = `${path} restarts for the second time.`;
        return { invariant: 'neverTwice', at, path, message, evidence: [seq] };
      },
    };
  },
};

async function failureOf(
  make: () => AnySupervisor,
  options: Parameters<typeof checkTree>[1],
): Promise<TreeCheckError> {
  const error = await checkTree(make, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof TreeCheckError) return error;
  throw error ?? new Error('Nothing was found.');
}

const options = { invariants: [neverTwice], seed: 1 };

describe('checkTree', () => {
  it('says how much it tried when nothing is wrong', async () => {
    const report = await checkTree(makeTree, { runs: 20, seed: 1, invariants: [] });

    expect(report).toMatchObject({ runs: 20, seed: 1 });
    expect(report.faults).toBeGreaterThan(0);
    expect(report.events).toBeGreaterThan(report.faults);
    expect(report.simulatedMs).toBeGreaterThan(0);
  });

  it('hands back the smallest plan', async () => {
    const { failure } = await failureOf(makeTree, options);

    expect(failure.plan.faults.length).toBeLessThanOrEqual(2);
    expect(failure.plan).toMatchObject({ choices: [], policy: {}, seed: 1 });
    expect(failure.original.faults.length).toBeGreaterThanOrEqual(failure.plan.faults.length);
  });

  it('says all that is known in its message', async () => {
    const { failure, message } = await failureOf(makeTree, options);
    const { length } = failure.plan.faults;

    expect(message).toMatch(/^Violated: neverTwice, at app\/(feed|web), \d+ms after the boot\./);
    expect(message).toMatch(/What proves it:\n +\d+ms +#\d+ app\/\w+ \(life \d\) restarts in/);
    expect(message).toContain('const plan: FaultPlan = {\n  faults: [\n    { kind: ');
    expect(message).toMatch(
      new RegExp(`The smallest plan that does it \\(.* -> ${length} faults? in \\d+ runs\\)`),
    );
    expect(length).toBeLessThanOrEqual(2);
    expect(message).toContain('Interleaving irrelevant');
    expect(message).toMatch(/checkTree\(makeTree, \{ seed: 1, path: '[\d:]+' \}\)/);
  });

  it('prints a plan that can be pasted', async () => {
    const { failure, message } = await failureOf(makeTree, options);
    const [, literal] = /const plan: FaultPlan = (\{[\s\S]*?\n\});/.exec(message) ?? [];
    const plan = new Function(`return ${literal}`)() as FaultPlan;

    expect(plan).toEqual(failure.plan);
    const { trace } = await runPlan(makeTree, plan);
    expect(trace.digest).toBe(failure.run.trace.digest);
  });

  it('goes straight to a failure by seed and path', async () => {
    const { failure } = await failureOf(makeTree, options);
    const { path = '' } = failure;
    const again = await failureOf(makeTree, { ...options, path });

    expect(again.failure.plan).toEqual(failure.plan);
    expect(again.report.runs).toBe(1);
  });

  it('tries given plans first', async () => {
    const { failure } = await failureOf(makeTree, options);
    const again = await failureOf(makeTree, { ...options, plans: [failure.plan] });

    expect(again.report.runs).toBe(1);
    expect(again.message).toContain('Again: checkTree(makeTree, { plans: [plan] })');
  });

  it('says the path of a generated plan whatever was given', async () => {
    const { failure } = await failureOf(makeTree, options);
    const harmless = { faults: [], choices: [], policy: {}, horizonMs: 1_000, seed: 1 };
    const again = await failureOf(makeTree, { ...options, plans: [harmless, harmless] });

    expect(again.failure.path).toBe(failure.path);
  });

  it('keeps a failure in a folder, and tries it first', async () => {
    const regressions = await mkdtemp(join(tmpdir(), 'daruma-'));
    onTestFinished(() => rm(regressions, { recursive: true }));
    const { failure } = await failureOf(makeTree, { ...options, regressions });
    const again = await failureOf(makeTree, { ...options, regressions });

    expect(failure.file).toMatch(/neverTwice-[0-9a-f]{8}\.trace\.jsonl$/);
    expect(again.message).toMatch(/^An earlier failure is back: neverTwice/);
    expect(again.report.runs).toBe(1);
  });

  it('knows the paths of a tree by its type', () => {
    // @ts-expect-error there is no such place
    expect(() => faultPlans(makeTree(), { targets: ['app/nobody'] })).toThrow('app/nobody');
  });

  it('does not turn one failure into another while it makes it smaller', async () => {
    const any: Invariant = {
      ...neverTwice,
      name: 'anything',
      begin: () => ({
        onEnd: (trace) =>
          trace.of('app/feed').length < 1
            ? []
            : [{ invariant: 'anything', at: 0, path: 'app', message: 'Always.', evidence: [] }],
      }),
    };
    let calls = 0;
    // Broken by everything, but only from the run after the first failure on.
    const later: Invariant = {
      ...any,
      begin: (tree, book) => (calls++ < 50 ? {} : any.begin(tree, book)),
    };
    const { failure } = await failureOf(makeTree, { invariants: [neverTwice, later], seed: 1 });

    expect(failure.violation.invariant).toBe('neverTwice');
    expect(failure.plan.faults.length).toBeGreaterThan(0);
  });

  it('gives up shrinking when its budget is spent', async () => {
    const { failure } = await failureOf(makeTree, { ...options, shrinkBudget: 0 });

    expect(failure.shrinkRuns).toBeLessThanOrEqual(1);
    expect(failure.plan).toEqual(failure.original);
  });

  it('tries no more plans when its time is up', async () => {
    const report = await checkTree(makeTree, { runs: 5_000, budget: '100ms', invariants: [] });

    expect(report.runs).toBeLessThan(5_000);
    expect(report.wallMs).toBeLessThan(5_000);
  });

  it('says where a tree that is not repeatable went another way', async () => {
    let number = 0;
    const make = () =>
      supervisor('app', [
        service('feed', async (ctx) => {
          ctx.health('degraded', `${number++}`);
          await ctx.sleep('1h');
        }),
      ]);
    const { failure, message } = await failureOf(make, options);

    expect(failure.divergence?.expected?.type).toBe('health');
    expect(message).toMatch(/Not repeatable: a second run of the same plan diverged at event \d+/);
  });

  it('names the lines on which a tree that is not repeatable takes chance from elsewhere', async () => {
    const make = () =>
      supervisor('app', [
        service('feed', async (ctx) => {
          ctx.health('degraded', `${Math.random()} ${new Date()}`);
          await ctx.sleep('1h');
        }),
      ]);
    const { failure, message } = await failureOf(make, options);

    expect(failure.suspects.map(({ what }) => what)).toEqual(['Math.random', 'new Date()']);
    expect(message).toMatch(
      /What it may be:\n +Math\.random at test\/testing\/check\.test\.ts:\d+, by app\/feed/,
    );
    expect(Math.random.name).toBe('random');
  });

  it('names the plan that a tree hangs itself with', async () => {
    const make = () =>
      supervisor('app', [
        service('spin', async (ctx) => {
          for (;;) await ctx.sleep(0);
        }),
      ]);
    const { trace } = await runPlan(make, {
      faults: [],
      choices: [],
      policy: {},
      horizonMs: 100,
      seed: 1,
    });

    expect(trace.events.at(-1)).toMatchObject({ type: 'finished', isLivelock: true });
  });
});

describe('treeProperty', () => {
  it('is a property for fast-check itself', async () => {
    const property = treeProperty(makeTree, { invariants: [neverTwice] });

    await expect(fc.assert(property, { seed: 1, numRuns: 300 })).rejects.toThrow(
      /Property failed after \d+ tests/,
    );
    await fc.assert(treeProperty(makeTree, { invariants: [] }), { seed: 1, numRuns: 10 });
  });
});

describe('matchers', () => {
  it('say what was found', async () => {
    const good = await treeMatchers.toSurvive(makeTree, { runs: 5, seed: 1, invariants: [] });
    const bad = await treeMatchers.toSurvive(makeTree, options);

    expect(good.pass).toBe(true);
    expect(bad.pass).toBe(false);
    expect(bad.message()).toContain('neverTwice');
  });
});
