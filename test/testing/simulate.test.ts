import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { simulate, treeMatchers } from '../../src/testing/index.ts';

function makeTree() {
  const database = service('database', {
    start: async (ctx) => {
      await ctx.sleep('200ms');
      return new Map<number, string>();
    },
  });
  const web = service('web', { needs: { database } }, async (ctx) => {
    for (;;) await ctx.sleep('1s');
  });
  return supervisor('app', [database, web]);
}

const isReady = (path: string) => (event: { type: string; path: string }) =>
  event.type === 'ready' && event.path === path;

describe('simulate', () => {
  it('runs a scenario at once', async () => {
    const { result, trace, violations } = await simulate(makeTree, (sim) => {
      const ready = sim.runUntil(isReady('app/web'));
      sim.inject({ kind: 'crashAfter', trigger: { at: sim.now }, target: 'app/database' });
      sim.settle();
      const down = sim.status('app/web');
      sim.advance('1m');
      return [ready.at, down, sim.status('app/web'), sim.now];
    });

    expect(result).toEqual([200, 'waiting', 'running', 60_200]);
    expect(trace.of('app/web').filter(({ type }) => type === 'starting')).toHaveLength(2);
    expect(violations).toEqual([]);
  });

  it('stops a tree, and leaves no timer', async () => {
    const { result } = await simulate(makeTree, (sim) => {
      sim.runUntil(isReady('app'));
      sim.shutdown();
      return [sim.status('app/web'), sim.pendingTimers];
    });

    expect(result).toEqual(['stopped', 0]);
  });

  it('awaits each move, and what the test itself waits for, in an async body', async () => {
    const { result } = await simulate(makeTree, async (sim) => {
      await sim.runUntil(isReady('app'));
      const stopped = sim.system.ref('app/web').stop();
      await sim.advance('1s');
      await stopped;
      await new Promise((resolve) => setTimeout(resolve, 1));
      await sim.settle();
      const { status } = sim.system.ref('app/web').explain();
      await sim.shutdown();
      return [status, sim.now];
    });

    expect(result).toEqual(['stopped', 1_200]);
  });

  it('records the same in both', async () => {
    const sync = await simulate(makeTree, (sim) => {
      sim.advance('10s');
    });
    const async = await simulate(makeTree, async (sim) => {
      await sim.advance('10s');
    });

    expect(async.trace.digest).toBe(sync.trace.digest);
  });

  it('takes a workload', async () => {
    let rounds = 0;
    const workload = (work: { every(duration: '1s', step: () => void): void }) =>
      work.every('1s', () => {
        rounds++;
      });
    await simulate(makeTree, (sim) => sim.advance('10s'), { workload });

    expect(rounds).toBe(10);
  });

  it('says what did not happen in time', async () => {
    const run = simulate(makeTree, (sim) => {
      sim.runUntil((event) => event.type === 'escalated', '5s');
    });

    await expect(run).rejects.toThrow(/no such event by \d+ms of virtual time/);
  });

  it('passes the failure of an assertion on', async () => {
    const run = simulate(makeTree, (sim) => {
      expect(sim.status('app/web')).toBe('running');
    });

    await expect(run).rejects.toThrow(/expected 'waiting' to be 'running'/);
  });

  it('refuses a plain body that returns a promise', async () => {
    const body = () => Promise.resolve();

    await expect(simulate(makeTree, body as never)).rejects.toThrow(/write 'async \(sim\) =>'/);
  });

  it('keeps errors that reach the process inside', async () => {
    const make = () =>
      supervisor('app', [
        service('stray', async (ctx) => {
          void Promise.reject(new Error('nobody handles this'));
          await ctx.sleep('1h');
        }),
      ]);
    const { trace } = await simulate(make, (sim) => sim.advance('1s'));

    expect(trace.of('app/stray').some(({ type }) => type === 'backoff')).toBe(true);
  });

  it('leaves the exit code of the process alone', async () => {
    const before = process.exitCode;
    const fault = { kind: 'crashAtStart', trigger: { on: 'app/web', incarnation: 1 } } as const;
    await simulate(makeTree, (sim) => sim.advance('1s'), { plan: { faults: [fault] } });

    expect(process.exitCode).toBe(before);
  });

  it('is looked at with a matcher', async () => {
    const run = await simulate(makeTree, (sim) => sim.advance('1s'));
    const violation = { invariant: 'x', at: 0, path: 'app', message: 'Bad.', evidence: [1] };

    expect(treeMatchers.toHaveNoViolations(run).pass).toBe(true);
    const bad = treeMatchers.toHaveNoViolations({ ...run, violations: [violation] });
    expect(bad.message()).toMatch(/^x, at app: Bad\.\n +0ms +#1 app/);
  });
});
