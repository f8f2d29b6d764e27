import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { checkTrace } from '../../src/testing/invariant.ts';
import { always } from '../../src/testing/invariants/custom.ts';
import { emptyPlan, type FaultPlan } from '../../src/testing/plan.ts';
import {
  isSameOrigin,
  loadRegressions,
  type Regression,
  readRegression,
  saveRegression,
} from '../../src/testing/regressions.ts';
import { replay, replayMessage } from '../../src/testing/replay.ts';
import { runPlan } from '../../src/testing/run-plan.ts';

const noBackoff = always('no restart', ({ type }) => type !== 'backoff');
const invariants = [noBackoff];
const treeOf = (options: object, body: () => void = () => {}) =>
  supervisor('app', [
    service('a', options, async (ctx) => {
      body();
      await ctx.sleep('1h');
    }),
  ]);
const makeTree = () => treeOf({});
const plan: FaultPlan = {
  ...emptyPlan,
  horizonMs: 1_000,
  faults: [{ kind: 'crashAfter', trigger: { on: 'app/a', incarnation: 1 }, params: { ms: 100 } }],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daruma-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function save(more: Partial<Regression> = {}): Promise<string> {
  const { trace, simulation } = await runPlan(makeTree, plan);
  const [violation] = checkTrace(simulation.tree, trace, invariants);
  if (!violation) throw new Error('It does not break.');
  return await saveRegression(folder, {
    name: 'no restart',
    plan,
    trace,
    violation,
    seed: 7,
    path: '1:2',
    ...more,
  });
}

describe('a failure in a file', () => {
  it('has a name that says what it is, and comes back as it was', async () => {
    const file = await save();
    const kept = await readRegression(file);

    expect(basename(file)).toMatch(/^no-restart-[0-9a-f]{8}\.trace\.jsonl$/);
    expect(kept).toMatchObject({
      name: 'no restart',
      plan,
      seed: 7,
      path: '1:2',
      violation: { invariant: 'no restart' },
    });
    expect(kept.trace.digest.slice(0, 8)).toBe(
      basename(file).slice(-'12345678.trace.jsonl'.length).slice(0, 8),
    );
    expect(await loadRegressions(folder)).toEqual([kept]);
  });

  it('holds nothing of the machine that wrote it', async () => {
    expect(await readFile(await save(), 'utf8')).not.toMatch(/"stack"|"time"/);
  });

  it('says where its tree is, wherever the folder is moved to', async () => {
    const file = await save({ origin: { services: join(folder, '../services.ts'), stubs: {} } });
    const { origin } = await readRegression(file);

    expect(await readFile(file, 'utf8')).toContain('"services":"../services.ts"');
    expect(origin).toEqual({ services: join(folder, '../services.ts'), stubs: {} });
    expect(isSameOrigin(origin, { services: join(folder, '..', 'services.ts'), stubs: {} })).toBe(
      true,
    );
    expect(isSameOrigin(origin, { services: join(folder, '../services.ts') })).toBe(false);
    expect(isSameOrigin(origin, undefined)).toBe(false);
  });

  it('is not found in a folder that does not exist', async () => {
    expect(await loadRegressions(join(folder, 'none'))).toEqual([]);
  });

  it('is refused when it is something else', async () => {
    const file = join(folder, 'x.trace.jsonl');
    await writeFile(file, '{"v":1}\n');
    await expect(readRegression(file)).rejects.toThrow(/is not a failure/);
    await writeFile(file, 'no');
    await expect(readRegression(file)).rejects.toThrow(/not JSON/);
  });
});

describe('replay', () => {
  it('says that it is still the same', async () => {
    const result = await replay(makeTree, await save(), { invariants });

    expect(result).toMatchObject({ outcome: 'same', divergence: undefined });
    expect(replayMessage(result)).toMatch(/violated again, by the very same run/);
  });

  it('says that it is fixed, and where the run went another way', async () => {
    const result = await replay(() => treeOf({ restart: 'temporary' }), await save(), {
      invariants,
    });

    expect(result).toMatchObject({ outcome: 'fixed', violation: undefined });
    expect(result.divergence?.expected?.type).toBe('backoff');
    expect(replayMessage(result)).toMatch(
      /^Fixed: .*\nThe first event that differs is number \d+:/,
    );
  });

  it('says that another invariant is violated now', async () => {
    const other = always('no start', ({ type }) => type !== 'starting');
    const result = await replay(() => treeOf({ restart: 'temporary' }), await save(), {
      invariants: [other, noBackoff],
    });

    expect(result).toMatchObject({ outcome: 'other', violation: { invariant: 'no start' } });
  });

  it('holds it against what it was found with, and says what is missing', async () => {
    const file = await save({ invariants: ['no restart', 'failsOnlyWhenStruck', 'one of mine'] });
    const failing = () =>
      supervisor('app', [
        service('a', { restart: 'temporary' }, async (ctx) => ctx.sleep('1h')),
        service('b', { restart: 'temporary' }, async (ctx) => {
          await ctx.sleep('200ms');
          throw new Error('by itself');
        }),
      ]);
    const result = await replay(failing, file, { invariants });

    expect(result).toMatchObject({
      outcome: 'other',
      violation: { invariant: 'failsOnlyWhenStruck' },
      unjudged: ['one of mine'],
    });
    expect(replayMessage(result)).toContain(
      'Not judged, because they were not given: one of mine.',
    );
    await expect(replay(makeTree, file)).rejects.toThrow(
      /'no restart', which is an invariant of yours/,
    );
  });

  it('does not run without the workload that it was found under', async () => {
    const file = await save({ unheld: ['workload'] });

    await expect(replay(makeTree, file, { invariants })).rejects.toThrow(
      /cannot hold: give them, \{ workload \}/,
    );
    await expect(replay(makeTree, file, { invariants, workload: () => {} })).resolves.toMatchObject(
      { outcome: 'same' },
    );
  });

  it('proves nothing about a run that leaves the simulation', async () => {
    const escaping = () => treeOf({}, () => clearTimeout(setTimeout(() => {}, 1)));
    const result = await replay(escaping, await save(), { invariants });

    expect(result).toMatchObject({
      outcome: 'escaped',
      escapes: [{ what: 'a real timer', path: 'app/a' }],
    });
    expect(replayMessage(result)).toMatch(
      /^This cannot be replayed: .*\n.*\n +a real timer at test\/testing\/replay\.test\.ts:\d+, by app\/a\n/,
    );
  });

  it('says that the tree does not do the same twice', async () => {
    let runs = 0;
    const unstable = () =>
      treeOf({}, () => {
        if (runs++ === 2) throw new Error('at random');
      });
    const result = await replay(unstable, await save(), { invariants });

    expect(result.outcome).toBe('diverged');
    expect(replayMessage(result)).toMatch(/does not go through ctx/);
  });
});
