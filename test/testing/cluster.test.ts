import { describe, expect, it } from 'vitest';
import { cron, every, service, singleton, supervisor } from '../../src/index.ts';
import { allFaults, checkTree } from '../../src/testing/index.ts';

const makeTree = () => {
  const database = service('database', { start: (ctx) => ctx.sleep('1s') });
  const book = singleton('books', { lease: '6s', needs: { database } }, (lease) =>
    service('run', { stopWithin: '1s' }, async (ctx) => {
      for (;;) {
        const { token } = lease;
        await ctx.storage.transaction((tx) => tx.set('token', token), { lease });
        await ctx.sleep('700ms');
      }
    }),
  );
  return supervisor('app', [
    database,
    book,
    singleton(
      service('slow', { needs: { database } }, (ctx) => ctx.sleep('1d')),
      { lease: '3s' },
    ),
    supervisor('clocks', { strategy: 'one-for-all' }, [
      every('fast', '5s', { once: 'cluster' }, (ctx) => ctx.sleep('2s')),
      cron('all', '*/7 * * * * *', { once: 'cluster', missed: 'all' }, (ctx) => ctx.sleep('1s')),
      every('beside', '3s', { once: 'cluster', overlap: 'allow' }, (ctx) => ctx.sleep('7s')),
    ]),
  ]);
};

describe('a tree that lives in a cluster', () => {
  it('keeps every invariant, whatever goes wrong', { timeout: 60_000 }, async () => {
    const report = await checkTree(makeTree, { runs: 60, seed: 42, horizon: '3m' });

    expect(report.runs).toBe(60);
    expect(report.faults).toBeGreaterThan(100);
  });

  it('keeps them when its storage and its clocks are struck', { timeout: 60_000 }, async () => {
    const storage = allFaults().flatMap(({ name, group }) => (group === 'storage' ? [name] : []));
    const clocks = ['scheduleSkip', 'clockJump', 'clockDrift', 'timerJitter', 'eventLoopStall'];
    const report = await checkTree(makeTree, {
      runs: 60,
      seed: 7,
      horizon: '3m',
      faults: { only: [...storage, ...clocks, 'shutdown'] },
    });

    expect(report.faults).toBeGreaterThan(100);
  });
});
