import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type BatchJob, currentJob, queue, worker } from '../../src/index.ts';
import { Office, SharedEngine } from './office.ts';

const rows = queue<number>('rows', { maxAttempts: 2, backoff: { first: '1s', jitter: 'none' } });

/** A batch worker whose calls end when the test says so. */
async function batches(options: { size: number; wait?: '100ms' | '1s' }, concurrency = 1) {
  const calls: {
    jobs: readonly BatchJob<number>[];
    at: number;
    finish: () => void;
    fail: (error: unknown) => void;
  }[] = [];
  const office: Office = new Office([
    worker(rows, { batch: options, concurrency }, (jobs) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      calls.push({ jobs, at: office.clock.monotonic(), finish: resolve, fail: reject });
      return promise;
    }),
  ]);
  await office.start();
  const add = (...payloads: number[]) =>
    office.jobs.enqueueMany(
      rows,
      payloads.map((payload) => ({ payload })),
    );
  const given = () => calls.map(({ jobs }) => jobs.map(({ payload }) => payload));
  return { office, calls, add, given };
}

describe('a batch', () => {
  it('is called when it is full, at once', async () => {
    const { office, given, add, calls } = await batches({ size: 3 });
    await add(1, 2, 3, 4);
    await office.clock.settle();
    expect(given()).toEqual([[1, 2, 3]]);
    expect(office.clock.monotonic()).toBe(0);
    await office.clock.advance(500);
    // One call at a time: the fourth is not even claimed.
    expect((await office.jobs.counts(rows)).states).toMatchObject({ active: 3, ready: 1 });
    calls[0]?.finish();
    await office.clock.advance(100);

    expect(given()).toEqual([[1, 2, 3], [4]]);
    calls[1]?.finish();
    await office.clock.settle();
    expect((await office.jobs.counts(rows)).states).toMatchObject({ completed: 4 });
  });

  it('takes what has priority, then what waits longest; each with attempts of its own', async () => {
    const { office, given, calls } = await batches({ size: 2 });
    // Nothing is claimed until all of them wait.
    await office.jobs.pause(rows);
    const added = [];
    for (const [payload, priority] of [
      [1, 0],
      [2, 5],
      [3, 0],
      [4, 5],
    ] as const) {
      added.push(await office.jobs.enqueue(rows, payload, { priority }));
      await office.clock.advance(10);
    }
    await office.jobs.resume(rows);
    await office.clock.settle();
    calls[0]?.jobs[0]?.fail(new Error('not now'));
    calls[0]?.finish();
    await office.clock.settle();
    calls[1]?.finish();
    await office.clock.advance(1_100);
    calls[2]?.finish();
    await office.clock.settle();

    expect(given()).toEqual([[2, 4], [1, 3], [2]]);
    expect(calls.map(({ jobs }) => jobs.map(({ attempt }) => attempt))).toEqual([
      [1, 1],
      [1, 1],
      [2],
    ]);
    const { states } = await office.jobs.counts(rows);
    expect([added.length, states.completed]).toEqual([4, 4]);
  });

  it('waits for others only so long', async () => {
    const { office, calls, add, given } = await batches({ size: 3, wait: '1s' });
    await add(1);
    await office.clock.advance(600);
    await add(2);
    await office.clock.advance(400);

    expect(given()).toEqual([[1, 2]]);
    expect(calls[0]?.at).toBe(1_000);
  });

  it('runs beside others, up to its concurrency', async () => {
    const { office, given, add } = await batches({ size: 2 }, 2);
    await add(1, 2, 3, 4, 5);
    await office.clock.advance(200);

    expect(given()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('that throws has failed as a whole', async () => {
    const { office, calls, add, given } = await batches({ size: 2 });
    await add(1, 2);
    await office.clock.settle();
    calls[0]?.fail(new Error('no'));
    await office.clock.advance(1_100);

    expect(given()).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(calls[1]?.jobs.map(({ attempt }) => attempt)).toEqual([2, 2]);
  });

  it('may have some fail and others not', async () => {
    const { office, calls, add } = await batches({ size: 3 });
    const added = await add(1, 2, 3);
    await office.clock.settle();
    calls[0]?.jobs[1]?.fail(new Error('only this'));
    calls[0]?.jobs[1]?.fail(new Error('not that'));
    calls[0]?.finish();
    await office.clock.settle();

    expect(added.map(({ id }) => office.story(id).at(-1))).toEqual([
      'completed',
      'retrying',
      'completed',
    ]);
    expect(await office.jobs.get(rows, added[1]?.id as string)).toMatchObject({
      error: { message: 'only this' },
    });
  });

  it('is not called with what was called off while it was waiting', async () => {
    const { office, calls, add, given } = await batches({ size: 3, wait: '1s' });
    const [first] = await add(1, 2);
    await office.clock.advance(500);
    await office.jobs.cancel(rows, first?.id as string);
    await office.clock.advance(500);

    expect(given()).toEqual([[2]]);
    expect(office.story(first?.id)).toEqual(['added', 'started', 'cancelled']);
    calls[0]?.finish();
  });

  it('that stops gives all back when it looked at the signal of one', async () => {
    const office: Office = new Office([
      worker(rows, { batch: { size: 2 } }, async (jobs) => {
        await jobs[0]?.sleep('1h').catch(() => {});
      }),
    ]);
    await office.start();
    const added = await office.jobs.enqueueMany(rows, [{ payload: 1 }, { payload: 2 }]);
    await office.clock.settle();
    await office.until(office.system.ref('app/rows').stop());

    expect(added.map(({ id }) => office.story(id).at(-1))).toEqual(['released', 'released']);
  });

  it('leaves out what does not fit the schema', async () => {
    const strict = queue('rows', { payload: v.number(), maxAttempts: 2 });
    const engine = new SharedEngine();
    const before = await new Office([], {}, engine).start();
    const [bad] = await before.jobs.enqueueMany(queue<unknown>('rows'), [
      { payload: 'x' },
      { payload: 5 },
    ]);
    const given: number[][] = [];
    const batcher = worker(strict, { batch: { size: 2 } }, (jobs) => {
      given.push(jobs.map(({ payload }) => payload));
      expect(() => currentJob()).toThrow('in a batch handler');
    });
    const office = new Office([batcher], { clock: before.clock, seed: 2 }, engine);
    await office.start();
    await office.clock.advance(200);

    expect(given).toEqual([[5]]);
    expect(await office.jobs.get(strict, bad?.id as string)).toMatchObject({
      state: 'dead',
      reason: 'invalid-payload',
    });
    expect((await office.jobs.counts(strict)).states.completed).toBe(1);
  });
});
