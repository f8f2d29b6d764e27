import { describe, expect, it } from 'vitest';
import { NotRetryable, queue, worker } from '../../src/index.ts';
import { Desk, Office } from './office.ts';

describe('a job', () => {
  it('is run with its payload, and its result is kept', async () => {
    const sums = queue<{ a: number; b: number }, number>('sums');
    const office = new Office([worker(sums, ({ payload }) => payload.a + payload.b)]);
    await office.start();
    const { id, isNew } = await office.until(office.jobs.enqueue(sums, { a: 1, b: 2 }));

    expect(isNew).toBe(true);
    expect(await office.over(sums, id)).toEqual({ state: 'completed', result: 3 });
    expect(await office.jobs.get(sums, id)).toMatchObject({
      state: 'completed',
      attempt: 1,
      payload: { a: 1, b: 2 },
      result: 3,
    });
    expect(office.story(id)).toEqual(['added', 'started', 'completed']);
  });

  it('that fails is tried again after its backoff, until it succeeds', async () => {
    const flaky = queue('flaky', { backoff: { first: '1s', jitter: 'none' } });
    const begins: number[] = [];
    const office = new Office([
      worker(flaky, (job) => {
        begins.push(office.clock.monotonic());
        if (job.attempt < 4) throw new Error(`no ${job.attempt}`);
        return 'at last';
      }),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(flaky);

    expect(await office.over(flaky, id)).toEqual({ state: 'completed', result: 'at last' });
    expect(begins).toEqual([0, 1_000, 3_000, 7_000]);
    expect(office.story(id)).toEqual([
      'added',
      ...['started', 'retrying', 'started', 'retrying', 'started', 'retrying'],
      'started',
      'completed',
    ]);
  });

  it('is dead after its last attempt, and can be tried again', async () => {
    const bad = queue('bad', { maxAttempts: 2 });
    let isMended = false;
    const office = new Office([
      worker(bad, () => {
        if (!isMended) throw new Error('broken');
        return 'mended';
      }),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(bad);

    expect(await office.over(bad, id)).toMatchObject({
      state: 'dead',
      reason: 'exhausted',
      error: { name: 'Error', message: 'broken' },
    });
    isMended = true;
    expect(await office.jobs.redrive(bad)).toEqual([id]);
    expect(await office.over(bad, id)).toEqual({ state: 'completed', result: 'mended' });
    expect(await office.jobs.get(bad, id)).toMatchObject({ attempt: 1, trigger: 'redrive' });
  });

  it('that says so is not tried again', async () => {
    const orders = queue('orders');
    const office = new Office([
      worker(orders, () => {
        throw new NotRetryable('no such customer');
      }),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(orders);

    expect(await office.over(orders, id)).toMatchObject({
      state: 'dead',
      reason: 'not-retryable',
      error: { message: 'no such customer', code: 'DARUMA_NOT_RETRYABLE' },
    });
    expect(office.story(id)).toEqual(['added', 'started', 'dead']);
  });
});

describe('a worker', () => {
  it('runs as many jobs at once as it may, and begins the next as soon as one is over', async () => {
    const desk = new Desk();
    const items = queue('items');
    const office = new Office([worker(items, { concurrency: 3 }, desk.deaf)]);
    await office.start();
    await office.jobs.enqueueMany(
      items,
      Array.from({ length: 5 }, (_, nth) => ({ payload: nth })),
    );
    await office.clock.settle();

    expect(desk.jobs.map(({ payload }) => payload)).toEqual([0, 1, 2]);
    desk.finish('x', desk.jobs[1]);
    await office.clock.settle();
    expect(desk.jobs.map(({ payload }) => payload)).toEqual([0, 1, 2, 3]);
    expect(office.clock.monotonic()).toBe(0);
    for (const job of desk.jobs) desk.finish(undefined, job);
    await office.clock.settle();
    desk.finish();
    await office.clock.settle();
    expect((await office.jobs.counts(items)).states).toMatchObject({ completed: 5, active: 0 });
  });
});
