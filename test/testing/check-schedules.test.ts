import { describe, expect, it } from 'vitest';
import { at, cron, every, service, supervisor } from '../../src/index.ts';
import { checkTree } from '../../src/testing/index.ts';

const makeTree = () => {
  const database = service('database', { start: async (ctx) => ctx.sleep('1s') });
  return supervisor('app', [
    database,
    every('fast', '5s', (ctx) => ctx.sleep('2s')),
    every('queued', '7s', { overlap: 'queue', timeout: '20s' }, (ctx) => ctx.sleep('6s')),
    every('replaced', '7s', { overlap: 'replace' }, (ctx) => ctx.sleep('9s')),
    every('beside', '3s', { overlap: 'allow', concurrency: 3 }, (ctx) => ctx.sleep('7s')),
    every('after', '4s', { pace: 'fixed-delay', jitter: '1s' }, (ctx) => ctx.sleep('1s')),
    supervisor('times', { strategy: 'one-for-all' }, [
      cron('minutely', '* * * * *', { needs: { database }, failAfter: 2 }, () => {}),
      cron('all', '*/10 * * * * *', { missed: 'all', maxMissed: 5 }, (ctx) => ctx.sleep('1s')),
      cron('zone', '*/15 * * * *', { timezone: 'Africa/Cairo', missed: 'drop' }, () => {}),
      at('once', '2026-01-01T00:05:00Z', { retry: { maxAttempts: 2 } }, (ctx) => ctx.sleep('3s')),
    ]),
  ]);
};

describe('a tree of schedules', () => {
  it('keeps every invariant, whatever goes wrong', { timeout: 60_000 }, async () => {
    const report = await checkTree(makeTree, { runs: 60, seed: 42, horizon: '6m' });

    expect(report.runs).toBe(60);
    expect(report.faults).toBeGreaterThan(100);
  });

  it('keeps them when its schedules and its clocks are struck', { timeout: 60_000 }, async () => {
    const report = await checkTree(makeTree, {
      runs: 60,
      seed: 7,
      horizon: '6m',
      faults: {
        only: [
          ...['scheduleOverlap', 'scheduleRunThrows', 'scheduleSkip'],
          ...['clockJump', 'clockDrift', 'timerJitter', 'eventLoopStall', 'shutdown'],
        ],
      },
    });

    expect(report.faults).toBeGreaterThan(100);
  });
});
