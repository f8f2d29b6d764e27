import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createSystem, supervisor, worker } from '../../src/index.ts';
import { freshFile } from '../services/storage/keeper.ts';
import { daruma, patienceMs } from './daruma.ts';
import { shared, there } from './fixtures/job-queues.ts';

describe('two processes on one file', { timeout: 2 * patienceMs }, () => {
  it('share the jobs of a queue, run each once, and tell each other of it', async () => {
    const file = freshFile();
    const here = worker(shared, { concurrency: 2 }, async (job) => {
      // However long it takes the other one to hear of them, some are left for it.
      await other.sees('has one of those that are shared');
      await job.sleep(10);
      return process.pid;
    });
    const other = daruma(['run', 'job-worker.ts', '--storage', file, '--no-json', '--grace', '3s']);
    await using system = createSystem(supervisor('app', [here]), {
      storage: { file },
      logger: pino({ level: 'silent' }),
    });
    await system.start();
    const { jobs } = system;
    await other.sees('is running: 2 services');

    const added = await jobs.enqueueMany(
      shared,
      Array.from({ length: 60 }, (_, nth) => ({ payload: nth })),
    );
    const ends = await Promise.all(added.map(({ id }) => jobs.wait(shared, id)));
    const views = await jobs.list(shared, 'completed', { limit: 1_000 });
    expect(ends.every(({ state }) => state === 'completed')).toBe(true);
    expect(views.map(({ payload }) => payload).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, nth) => nth),
    );
    expect(new Set(views.map(({ attempt }) => attempt))).toEqual(new Set([1]));
    expect(new Set(views.map(({ result }) => result))).toEqual(
      new Set([process.pid, other.child.pid]),
    );

    const asked = performance.now();
    const { id } = await jobs.enqueue(there, 'this');
    expect(await jobs.wait(there, id)).toEqual({
      state: 'completed',
      result: `this by ${other.child.pid}`,
    });
    // Not found by a slow poll, on either side.
    expect(performance.now() - asked).toBeLessThan(4_000);
    expect((await jobs.get(there, id))?.progress).toEqual({ fraction: 0.5 });

    const long = await jobs.enqueue(there, 'for ever');
    await other.sees('runs for ever');
    expect(await jobs.cancel(there, long.id)).toBe('cancelling');
    expect(await jobs.wait(there, long.id)).toMatchObject({ state: 'cancelled' });

    const given = await jobs.enqueue(there, 'for ever');
    await other.sees('runs for ever', 2);
    other.signal('SIGTERM');
    expect((await other.exit).code).toBe(0);
    expect(await jobs.get(there, given.id)).toMatchObject({ state: 'ready', attempt: 0 });
  });
});
