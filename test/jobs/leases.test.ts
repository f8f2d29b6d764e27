import { describe, expect, it } from 'vitest';
import { queue, worker } from '../../src/index.ts';
import { Desk, Office, SharedEngine } from './office.ts';

const items = queue('items', { lease: '30s', maxAttempts: 3, cancelWithin: '5s' });

/** Two processes with a worker each. */
async function twoOffices() {
  const engine = new SharedEngine();
  const one = new Desk();
  const other = new Desk();
  const first = new Office([worker(items, one.deaf)], {}, engine);
  await first.start();
  const second = new Office([worker(items, other.deaf)], { clock: first.clock, seed: 2 }, engine);
  return { engine, one, other, first, second, clock: first.clock };
}

describe('a lease', () => {
  it('is renewed at a third of it, for all jobs of the worker in one request', async () => {
    const engine = new SharedEngine();
    const desk = new Desk();
    const office = new Office([worker(items, desk.deaf)], {}, engine);
    await office.start();
    await office.jobs.enqueueMany(
      items,
      Array.from({ length: 7 }, (_, nth) => ({ payload: nth })),
    );
    await office.clock.advance(31_000);

    expect(desk.jobs).toHaveLength(7);
    const renewals = engine.requests.filter(([name]) => name === 'jobs.renew');
    expect(renewals).toEqual([['jobs.renew'], ['jobs.renew'], ['jobs.renew']]);
    expect((await office.jobs.counts(items)).states.active).toBe(7);
  });

  it('that nobody renews makes the job run elsewhere, and counts as an attempt', async () => {
    const { engine, one, other, first, second, clock } = await twoOffices();
    const { id } = await first.jobs.enqueue(items, 'x');
    await clock.settle();
    expect(one.jobs).toHaveLength(1);
    // As if the process had been killed.
    engine.goDown();
    await clock.advance(29_000);
    engine.comeBack();
    await second.start();
    expect(other.jobs).toHaveLength(0);
    await clock.advance(1_000);

    expect(other.job).toMatchObject({ id, attempt: 2 });
    expect(second.story(id)).toEqual(['retrying', 'started']);
    expect(second.all('job')[0]).toMatchObject({ attempt: 1, reason: 'lost' });
  });

  it('that could not be renewed until it ran out is lost: signal cancelled, nothing stored', async () => {
    const { engine, one, other, first, second, clock } = await twoOffices();
    const { id } = await first.jobs.enqueue(items, 'x');
    await clock.settle();
    const { signal } = one.job;
    engine.goDown();
    await clock.advance(29_999);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect(signal.aborted).toBe(true);
    expect(signal.reason.message).toBe(
      `Attempt 1 of job ${id} of items, whose lease is lost, was asked to stop.`,
    );
    engine.comeBack();
    await second.start();
    expect(other.job).toMatchObject({ id, attempt: 2 });
    one.finish('the old one');
    await clock.settle();
    expect(first.story(id)).toEqual(['added', 'started', 'lost']);
    expect(await first.jobs.get(items, id)).toMatchObject({ state: 'active', attempt: 2 });
    other.finish('the new one');
    expect(await second.over(items, id)).toEqual({ state: 'completed', result: 'the new one' });
  });

  it('holds while the storage is out of reach for less than it lasts', async () => {
    const engine = new SharedEngine();
    const desk = new Desk();
    const office = new Office([worker(items, desk.deaf)], {}, engine);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');
    await office.clock.advance(5_000);
    engine.goDown();
    await office.clock.advance(20_000);
    expect(office.system.health()).toMatchObject({
      status: 'degraded',
      reasons: [{ path: 'app/items', reason: expect.stringMatching(/out of reach.*disk is gone/) }],
    });
    engine.comeBack();
    await office.clock.advance(20_000);
    expect(desk.job.signal.aborted).toBe(false);
    expect(office.system.health().status).toBe('healthy');
    desk.finish('fine');

    expect(await office.over(items, id)).toEqual({ state: 'completed', result: 'fine' });
    expect(office.all('queue').map(({ status }) => status)).toEqual(['unreachable', 'reachable']);
  });

  it('of a job that kills whoever runs it ends in the dead letters', async () => {
    const engine = new SharedEngine();
    const desk = new Desk();
    const office = new Office([worker(items, { stopWithin: 'brutal' }, desk.deaf)], {}, engine);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');
    for (let round = 0; round < 3; round++) {
      await office.clock.settle();
      await office.until(office.system.ref('app/items').restart());
      await office.clock.advance(35_000);
    }

    expect(desk.jobs.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(await office.jobs.get(items, id)).toMatchObject({
      state: 'dead',
      reason: 'lost',
      error: { message: expect.stringMatching(/app\/items has not renewed its lease/) },
    });
    expect(office.story(id).slice(-2)).toEqual(['lost', 'dead']);
  });
});

describe('a queue that is out of reach', () => {
  it('is tried again by itself, and its jobs begin when it is back', async () => {
    const engine = new SharedEngine();
    const desk = new Desk();
    engine.goDown();
    const office = new Office([worker(items, desk.deaf)], {}, engine);
    await office.start();
    await office.clock.advance(60_000);
    const tries = engine.requests.filter(([name]) => name === 'jobs.claim').length;
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(15);
    engine.comeBack();
    await office.jobs.enqueue(items, 'x');
    await office.clock.advance(10_000);

    expect(desk.jobs).toHaveLength(1);
    expect(office.all('backoff')).toEqual([]);
  });

  it('gets what became of a job as soon as it is back', async () => {
    const engine = new SharedEngine();
    const desk = new Desk();
    const office = new Office([worker(items, desk.deaf)], {}, engine);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');
    await office.clock.settle();
    engine.goDown();
    desk.finish('kept');
    await office.clock.advance(4_500);
    engine.comeBack();
    await office.clock.advance(500);

    expect(await office.jobs.get(items, id)).toMatchObject({ state: 'completed', result: 'kept' });
    expect(office.story(id)).toEqual(['added', 'started', 'completed']);
  });

  it('tells the end of a job once, also when the news that it is stored got lost', async () => {
    for (const end of ['completed', 'dead', 'retrying', 'cancelled'] as const) {
      const engine = new SharedEngine();
      const desk = new Desk();
      const backoff = { first: '10s', jitter: 'none' } as const;
      const shaky = queue('shaky', { maxAttempts: end === 'dead' ? 1 : 2, backoff });
      const office = new Office([worker(shaky, desk.obedient)], {}, engine);
      await office.start();
      const { id } = await office.jobs.enqueue(shaky, 'x');
      await office.clock.settle();
      // Its handler hears of it at once, and ends in the next turn.
      if (end === 'cancelled') await office.jobs.cancel(shaky, id);
      engine.silent = 1;
      if (end === 'completed') desk.finish('x');
      else if (end !== 'cancelled') desk.fail(new Error('no'));
      await office.clock.advance(1_000);

      const story = office.story(id);
      expect(story.slice(2, 3), end).toEqual([end]);
      expect(story, end).not.toContain('lost');
    }
  });
});
