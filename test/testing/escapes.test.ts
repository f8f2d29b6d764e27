import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { divergenceOf } from '../../src/testing/divergence.ts';
import {
  type AsyncScenario,
  always,
  checkTree,
  EscapeError,
  runPlan,
  simulate,
  TreeCheckError,
} from '../../src/testing/index.ts';
import { emptyPlan } from '../../src/testing/plan.ts';
import { eventLine } from '../../src/testing/report.ts';

/** The line of this file on which a service leaves the simulation. */
const hereAt = /^test\/testing\/escapes\.test\.ts:\d+$/;

const treeOf = (leave: () => unknown) => () =>
  supervisor('app', [
    service('a', async (ctx) => {
      await ctx.sleep('1s');
      leave();
      await ctx.sleep('1h');
    }),
  ]);

const plan = { ...emptyPlan, horizonMs: 5_000 };
const noop = () => {};

describe('what leaves a simulation', () => {
  it.each<[string, () => unknown]>([
    ['a real timer', () => clearTimeout(setTimeout(noop, 1))],
    ['setImmediate', () => clearImmediate(setImmediate(noop))],
    ['a file', () => readFile(import.meta.filename).catch(noop)],
    ['a socket', () => connect({ port: 1 }).on('error', noop)],
    ['fetch', () => fetch('http://127.0.0.1:1/').catch(noop)],
    ['a child process', () => execFile('true', noop)],
    ['a worker', () => new MessageChannel().port1.close()],
  ])('is seen: %s', async (what, leave) => {
    const { trace } = await runPlan(treeOf(leave), plan);
    const found = trace.events.find(({ type }) => type === 'escape');

    expect(found).toMatchObject({ what, at: 1_000, path: 'app/a', incarnation: 1 });
    expect(found).toMatchObject({ line: expect.stringMatching(hereAt) });
    expect(found && eventLine(found)).toMatch(/leaves the simulation by .+ at test\/testing\//);
    expect(trace.header.deterministic).toBe(false);
    expect(trace.header.escapes?.[0]).toMatchObject({ what, path: 'app/a' });
  });

  it('is put on record once, however often it does', async () => {
    const make = () =>
      supervisor('app', [
        service('a', async (ctx) => {
          for (;;) {
            clearTimeout(setTimeout(noop, 1));
            await ctx.sleep('1s');
          }
        }),
      ]);
    const { trace } = await runPlan(make, plan);

    expect(trace.events.filter(({ type }) => type === 'escape')).toHaveLength(1);
  });

  it('is nothing that Daruma does itself, nor what goes on elsewhere', async () => {
    const elsewhere = readFile(import.meta.filename);
    for (const drain of ['sync', 'macrotask'] as const) {
      const { trace } = await runPlan(treeOf(noop), plan, { drain });

      expect(trace.header).toMatchObject({ deterministic: true });
      expect(trace.header.escapes).toBeUndefined();
    }
    await elsewhere;
  });

  it('has no digest that could be compared', async () => {
    const { trace } = await runPlan(
      treeOf(() => clearTimeout(setTimeout(noop, 1))),
      plan,
    );

    expect(() => trace.digest).toThrow(EscapeError);
    expect(() => trace.digest).toThrow(
      /a real timer at test\/testing\/escapes\.test\.ts:\d+, by app\/a/,
    );
  });

  it('does not make two runs differ by the lines alone', async () => {
    const make = treeOf(() => clearTimeout(setTimeout(noop, 1)));
    const [one, other] = [await runPlan(make, plan), await runPlan(make, plan, { stacks: false })];

    expect(divergenceOf(one.trace, other.trace)).toBeUndefined();
  });

  it('fails the run where it is asked for', async () => {
    const make = treeOf(() => clearTimeout(setTimeout(noop, 1)));

    await expect(runPlan(make, plan, { escapes: 'throw' })).rejects.toThrow(EscapeError);
    await expect(simulate(make, (sim) => sim.advance('5s'), { escapes: 'throw' })).rejects.toThrow(
      /a real timer at test\/testing\/escapes\.test\.ts:\d+/,
    );
    await expect(runPlan(make, plan, { escapes: 'throw', globals: true })).resolves.toBeDefined();
  });

  it('is told of whoever left it, also where its beginning was put off', async () => {
    const make = treeOf(() => clearTimeout(setTimeout(noop, 1)));
    const trigger = { on: 'app/a', incarnation: 1 };
    const faults = [{ kind: 'slowReady', trigger, params: { ms: 3 } }];

    const { trace } = await runPlan(make, { ...plan, faults });

    expect(trace.header.escapes).toMatchObject([{ path: 'app/a', incarnation: 1 }]);
  });

  it('is in the report of a check', async () => {
    const make = treeOf(() => clearTimeout(setTimeout(noop, 1)));
    const report = await checkTree(make, { runs: 30, seed: 1, invariants: [] });

    expect(report.escapes).toMatchObject([{ what: 'a real timer', path: 'app/a' }]);
    await expect(checkTree(make, { runs: 30, seed: 1, escapes: 'throw' })).rejects.toThrow(
      EscapeError,
    );
  });

  it('is named by a failure, which is not kept: it might not be found again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'daruma-escapes-'));
    const make = treeOf(() => clearTimeout(setTimeout(noop, 1)));
    const never = always('never', ({ type }) => type !== 'escape');

    const failed = await checkTree(make, {
      runs: 30,
      seed: 1,
      invariants: [never],
      regressions: folder,
    }).catch((error: unknown) => error);

    expect(failed).toBeInstanceOf(TreeCheckError);
    expect((failed as TreeCheckError).message).toMatch(
      /a real timer at test\/testing\/escapes\.test\.ts:\d+, by app\/a/,
    );
    expect((failed as TreeCheckError).failure.file).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

describe('a move of an async body', () => {
  const message = (call: string) =>
    new RegExp(`^sim\\.${call}\\(\\) at test/testing/escapes\\.test\\.ts:\\d+ was not awaited`);

  it('that is not awaited is an error at the next one', async () => {
    const run = simulate(treeOf(noop), async (sim) => {
      void sim.advance('1s');
      await sim.settle();
    });

    await expect(run).rejects.toThrow(message('advance'));
  });

  it('that is not awaited is an error at the end', async () => {
    const run = simulate(treeOf(noop), async (sim) => {
      void sim.runUntil(({ type }) => type === 'ready');
      await Promise.resolve();
    });

    await expect(run).rejects.toThrow(message('runUntil'));
  });

  it('that is awaited in whatever way is none', async () => {
    const { result } = await simulate(treeOf(noop), async (sim: AsyncScenario) => {
      await sim.advance('1s');
      const [now] = await Promise.all([sim.settle().then(() => sim.now)]);
      const next = sim.advance('1s');
      await Promise.resolve();
      await next;
      return [now, sim.now];
    });

    expect(result).toEqual([1_000, 2_000]);
  });
});
