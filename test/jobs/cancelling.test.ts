import { describe, expect, it } from 'vitest';
import { queue, worker } from '../../src/index.ts';
import { Desk, Office, SharedEngine } from './office.ts';

const items = queue('items', { backoff: { first: '1s', jitter: 'none' } });

async function running(handler: (desk: Desk) => Desk['deaf']) {
  const desk = new Desk();
  const office = new Office([worker(items, handler(desk))]);
  await office.start();
  const { id } = await office.jobs.enqueue(items, 'x');
  await office.clock.settle();
  return { desk, office, id };
}

describe('a job that is called off', () => {
  it('before it runs never runs', async () => {
    const desk = new Desk();
    const office = new Office([worker(items, desk.deaf)]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x', { delay: '1m' });

    expect(await office.jobs.cancel(items, id)).toBe('cancelled');
    expect(await office.over(items, id)).toEqual({ state: 'cancelled', error: undefined });
    await office.clock.advance(120_000);
    expect(desk.jobs).toEqual([]);
    expect(office.story(id)).toEqual(['added', 'cancelled']);
  });

  it('while it runs here hears of it at once', async () => {
    const { desk, office, id } = await running(({ obedient }) => obedient);
    expect(await office.jobs.cancel(items, id)).toBe('cancelling');
    await office.clock.settle();

    expect(office.clock.monotonic()).toBe(0);
    expect(desk.job.signal.reason.message).toBe(
      `Attempt 1 of job ${id} of items, which was called off, was asked to stop.`,
    );
    expect(office.story(id)).toEqual(['added', 'started', 'cancelled']);
    expect(await office.jobs.cancel(items, id)).toBe('over');
    expect(await office.jobs.cancel(items, 'nobody')).toBe('unknown');
  });

  it('while it runs elsewhere hears of it with the next renewal', async () => {
    const engine = new SharedEngine();
    const desk = new Desk();
    const there = new Office([worker(items, desk.obedient)], {}, engine);
    await there.start();
    const here = new Office([], { clock: there.clock, seed: 2 }, engine);
    await here.start();
    const { id } = await here.jobs.enqueue(items, 'x');
    await there.clock.advance(2_000);
    expect(await here.jobs.cancel(items, id)).toBe('cancelling');
    expect(await here.jobs.get(items, id)).toMatchObject({ isCancelling: true, state: 'active' });
    await there.clock.advance(7_999);
    expect(desk.job.signal.aborted).toBe(false);
    await there.clock.advance(1);

    expect(desk.job.signal.aborted).toBe(true);
    expect(await here.jobs.get(items, id)).toMatchObject({ state: 'cancelled' });
  });

  it('and returns a result all the same has completed', async () => {
    const { desk, office, id } = await running(({ deaf }) => (job) => {
      void job.signal;
      return deaf(job);
    });
    await office.jobs.cancel(items, id);
    desk.finish('done');

    expect(await office.over(items, id)).toEqual({ state: 'completed', result: 'done' });
  });

  it('is not tried again, and says what it failed of', async () => {
    const { desk, office, id } = await running(({ deaf }) => deaf);
    await office.jobs.cancel(items, id);
    desk.fail(new Error('broken on the way'));

    expect(await office.over(items, id)).toMatchObject({
      state: 'cancelled',
      error: { message: 'broken on the way' },
    });
  });

  it('and does not end within its limit loses its place', async () => {
    const desk = new Desk();
    const office = new Office([worker(items, { concurrency: 1 }, desk.deaf)]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'deaf');
    await office.jobs.enqueue(items, 'next');
    await office.clock.settle();
    await office.jobs.cancel(items, id);
    await office.clock.advance(4_999);
    expect(desk.jobs).toHaveLength(1);
    await office.clock.advance(1);

    expect(desk.jobs.map(({ payload }) => payload)).toEqual(['deaf', 'next']);
    expect(office.story(id).at(-1)).toBe('cancelled');
    desk.finish('late', desk.jobs[0]);
    await office.clock.settle();
    expect(office.story(id)).toEqual(['added', 'started', 'cancelled']);
  });
});

describe('an attempt that takes too long', () => {
  const slow = queue('slow', {
    timeout: '10s',
    cancelWithin: '3s',
    maxAttempts: 2,
    backoff: { first: '1s', jitter: 'none' },
  });

  it('has its signal cancelled, and has failed', async () => {
    const desk = new Desk();
    const office = new Office([worker(slow, desk.obedient)]);
    await office.start();
    const { id } = await office.jobs.enqueue(slow, 'x');
    await office.clock.advance(10_000);
    expect(desk.jobs[0]?.signal.reason).toMatchObject({ code: 'DARUMA_JOB_TIMEOUT' });
    expect(await office.over(slow, id)).toMatchObject({
      state: 'dead',
      reason: 'exhausted',
      error: {
        code: 'DARUMA_JOB_TIMEOUT',
        message: `Attempt 2 of job ${id} of slow took longer than 10s, the timeout of its queue.`,
      },
    });
    expect(office.clock.monotonic()).toBe(21_000);
  });

  it('has failed also when it returns something later', async () => {
    const desk = new Desk();
    const office = new Office([worker(slow, desk.deaf)]);
    await office.start();
    const { id } = await office.jobs.enqueue(slow, 'x');
    await office.clock.advance(12_000);
    desk.finish('late');
    await office.clock.settle();

    expect(office.story(id)).toEqual(['added', 'started', 'retrying']);
  });

  it('and does not end is abandoned: its place is free, and what it does is fenced off', async () => {
    const desk = new Desk();
    const office = new Office([worker(slow, { concurrency: 1 }, desk.deaf)]);
    await office.start();
    const { id } = await office.jobs.enqueue(slow, 'x');
    await office.clock.advance(12_999);
    expect(office.story(id)).toEqual(['added', 'started']);
    await office.clock.advance(1_001);
    expect(office.story(id)).toEqual(['added', 'started', 'retrying', 'started']);
    const [zombie, heir] = desk.jobs;
    const refused = { code: 'DARUMA_STALE_INCARNATION' };

    await expect(zombie?.transaction(() => 'zombie')).rejects.toMatchObject(refused);
    expect(() => zombie?.progress(1)).toThrow(expect.objectContaining(refused));
    await expect(zombie?.storage.set('zombie', 1)).rejects.toMatchObject(refused);
    await expect(zombie?.jobs.enqueue(slow, 'zombie')).rejects.toMatchObject(refused);
    expect(() => zombie?.send('app/clerk', 'zombie')).toThrow(expect.objectContaining(refused));
    expect(() => zombie?.defer(() => {})).toThrow(expect.objectContaining(refused));
    desk.finish('zombie', zombie);
    await office.clock.settle();
    desk.finish('heir', heir);
    expect(await office.over(slow, id)).toEqual({ state: 'completed', result: 'heir' });
  });
});
