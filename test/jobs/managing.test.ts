import { describe, expect, it } from 'vitest';
import { NotRetryable, queue, worker } from '../../src/index.ts';
import type { Engine } from '../../src/services/engine/engine.ts';
import { failureOf } from '../kernel/lab.ts';
import { Desk, Office, SharedEngine } from './office.ts';

const items = queue<string, string>('items', { maxAttempts: 1 });

async function withOne(handler: (desk: Desk<string>) => Desk<string>['deaf'], options = {}) {
  const desk = new Desk<string>();
  const office = new Office([worker(items, options, (job) => handler(desk)(job) as never)]);
  await office.start();
  return { desk, office };
}

describe('waiting for a job', () => {
  it('resolves with its end, also from another process and after the fact', async () => {
    const engine = new SharedEngine();
    const desk = new Desk<string>();
    const there = new Office([worker(items, (job) => desk.deaf(job) as never)], {}, engine);
    await there.start();
    const here = new Office([], { clock: there.clock, seed: 2 }, engine);
    await here.start();
    const { id } = await here.jobs.enqueue(items, 'x');
    const waits = [here.jobs.wait(items, id), here.ctx.jobs.wait('items', id)];
    await here.clock.advance(10_000);
    desk.finish('done');

    for (const wait of waits) {
      expect(await here.until(wait)).toEqual({ state: 'completed', result: 'done' });
    }
    expect(here.clock.monotonic()).toBeLessThan(10_100);
    expect(await here.until(here.jobs.wait(items, id))).toMatchObject({ state: 'completed' });
  });

  it('finds out by itself when no news comes', async () => {
    const engine = new SharedEngine();
    const newsless: Engine = {
      submit: (steps, options) => engine.submit(steps, options),
      watch: () => () => {},
      close: () => undefined,
      abort: () => {},
    };
    const desk = new Desk<string>();
    const there = new Office([worker(items, (job) => desk.deaf(job) as never)], {}, engine);
    await there.start();
    const here = new Office([], { clock: there.clock, seed: 2 }, newsless);
    await here.start();
    const { id } = await here.jobs.enqueue(items, 'x');
    const wait = here.jobs.wait(items, id);
    await here.clock.advance(5_000);
    desk.finish('done');

    expect(await here.until(wait)).toMatchObject({ state: 'completed' });
    expect(here.clock.monotonic()).toBeLessThanOrEqual(7_000);
  });

  it('has a limit, says when nobody knows it, and ends with whoever waits', async () => {
    const { office } = await withOne(({ deaf }) => deaf);
    const { id } = await office.jobs.enqueue(items, 'x');

    expect(await office.errorOf(office.jobs.wait(items, id, { within: '5s' }))).toMatchObject({
      code: 'DARUMA_ASK_TIMEOUT',
      message: `app: job ${id} of items was not over within 5s; it goes on.`,
    });
    expect(await office.errorOf(office.jobs.wait(items, 'nobody'))).toMatchObject({
      code: 'DARUMA_NOT_FOUND',
    });
    const ofService = failureOf(office.ctx.jobs.wait(items, id, { within: 'infinity' }));
    const outside = failureOf(office.jobs.wait(items, id, { within: 'infinity' }));
    await office.stop();
    expect(await ofService).toMatchObject({ code: 'DARUMA_CANCELLED', path: 'app/clerk' });
    expect(await outside).toMatchObject({ code: 'DARUMA_STOPPED' });
    expect(office.clock.pendingTimers).toBe(0);
    expect(await failureOf(office.jobs.wait(items, id))).toMatchObject({ code: 'DARUMA_STOPPED' });
  });
});

describe('a queue', () => {
  it('that is paused begins nothing until it is resumed; what runs goes on', async () => {
    const { desk, office } = await withOne(({ deaf }) => deaf, { concurrency: 2 });
    await office.jobs.enqueue(items, 'first');
    await office.clock.settle();
    await office.jobs.pause(items);
    await office.jobs.enqueue(items, 'second');
    await office.clock.advance(20_000);
    expect(desk.jobs.map(({ payload }) => payload)).toEqual(['first']);
    expect(await office.jobs.counts(items)).toMatchObject({
      isPaused: true,
      states: { ready: 1, active: 1 },
      oldestReadyMs: 20_000,
    });
    await office.jobs.resume(items);
    await office.clock.settle();

    expect(desk.jobs.map(({ payload }) => payload)).toEqual(['first', 'second']);
    expect(office.clock.monotonic()).toBe(20_000);
    expect(office.all('queue').map(({ status }) => status)).toEqual(['paused', 'resumed']);
  });

  it('can be counted and listed', async () => {
    const { desk, office } = await withOne(({ deaf }) => deaf, { concurrency: 1 });
    const added = await office.jobs.enqueueMany(items, [
      { payload: 'a' },
      { payload: 'b', workspaceId: 'w', key: 'k' },
      { payload: 'c' },
      { payload: 'd', delay: '1h' },
    ]);
    await office.clock.settle();
    desk.finish('A');
    await office.clock.settle();

    expect(await office.jobs.counts()).toEqual([
      {
        queue: 'items',
        isPaused: false,
        states: { scheduled: 1, ready: 1, held: 0, active: 1, completed: 1, dead: 0, cancelled: 0 },
        oldestReadyMs: 0,
        completedLastMinute: 1,
        deadLastMinute: 0,
      },
    ]);
    expect(await office.jobs.list(items, 'active')).toMatchObject([
      {
        id: added[1]?.id,
        queue: 'items',
        state: 'active',
        payload: 'b',
        workspaceId: 'w',
        key: 'k',
        attempt: 1,
        maxAttempts: 1,
        trigger: 'enqueue',
        holder: expect.stringContaining('app/items'),
        isCancelling: false,
        progress: undefined,
        result: undefined,
        error: undefined,
        reason: undefined,
      },
    ]);
    expect(await office.jobs.list(items, 'ready', { offset: 1 })).toEqual([]);
    expect(await office.jobs.get(items, 'nobody')).toBeUndefined();
    expect((await office.jobs.counts('nothing here')).states.ready).toBe(0);
  });

  it('gives its dead back, chosen or all, and forgets what is discarded', async () => {
    let isMended = false;
    const office = new Office([
      worker(items, ({ payload }) => {
        if (!isMended) throw new NotRetryable('broken');
        return payload;
      }),
    ]);
    await office.start();
    const added = await office.jobs.enqueueMany(
      items,
      ['a', 'b', 'c', 'd'].map((payload) => ({ payload })),
    );
    const [a, b, c, d] = added.map(({ id }) => id) as [string, string, string, string];
    for (const { id } of added) await office.over(items, id);
    expect((await office.jobs.list(items, 'dead')).map(({ id }) => id)).toEqual([d, c, b, a]);
    isMended = true;

    expect(await office.jobs.discard(items, [a, 'nobody'])).toBe(1);
    expect(await office.jobs.redrive(items, { ids: [c, a] })).toEqual([c]);
    expect(await office.over(items, c)).toEqual({ state: 'completed', result: 'c' });
    expect(await office.jobs.redrive(items, { limit: 1 })).toEqual([b]);
    expect(await office.jobs.redrive(items)).toEqual([d]);
    await office.over(items, d);
    expect((await office.jobs.counts(items)).states).toMatchObject({ completed: 3, dead: 0 });
    expect(office.story(c)).toEqual(['added', 'started', 'dead', 'added', 'started', 'completed']);
  });

  it('forgets its jobs when their time has come', async () => {
    const brief = queue('brief', { keep: { completed: '1m', dead: 0 }, maxAttempts: 1 });
    const office = new Office([
      worker(brief, ({ payload }) => {
        if (payload === 'bad') throw new Error('no');
      }),
    ]);
    await office.start();
    const good = await office.jobs.enqueue(brief, 'good');
    const bad = await office.jobs.enqueue(brief, 'bad');
    await office.clock.advance(30_000);
    expect(await office.jobs.get(brief, good.id)).toMatchObject({ state: 'completed' });
    expect(await office.jobs.get(brief, bad.id)).toBeUndefined();
    await office.clock.advance(40_000);
    expect(await office.jobs.get(brief, good.id)).toBeUndefined();
  });

  it('is stored, paused, called off, limited and drained, from one process to the next', async () => {
    const rules = { timeout: '5s', maxAttempts: 1, cancelWithin: '1s' } as const;
    const orders = queue<string>('orders', rules);
    const engine = new SharedEngine();
    const desk = new Desk<string>();
    const before = await new Office([worker(orders, desk.obedient)], {}, engine).start();
    const { clock } = before;
    await before.jobs.pause(orders);
    const payloads = ['hangs', 'unwanted', 'drained', 'left'];
    const added = await before.jobs.enqueueMany(
      orders,
      payloads.map((payload) => ({ payload })),
    );
    await before.stop();
    const make = (seed: number) =>
      new Office(
        [worker(orders, { concurrency: 1 }, desk.obedient)],
        { clock, seed },
        engine,
      ).start();
    const office = await make(2);
    await clock.advance(60_000);
    expect(desk.jobs).toEqual([]);

    expect(await office.jobs.cancel(orders, String(added[1]?.id))).toBe('cancelled');
    await office.jobs.resume(orders);
    await clock.advance(4_999);
    expect(desk.jobs.map(({ payload }) => payload)).toEqual(['hangs']);
    await clock.advance(1);
    expect(desk.jobs.map(({ payload }) => payload)).toEqual(['hangs', 'drained']);
    const stopped = office.system.stop();
    await clock.advance(1_000);
    desk.finish('just in time');
    await office.until(stopped);

    const after = await make(3);
    await clock.settle();
    const states = await Promise.all(added.map(({ id }) => after.jobs.get(orders, id)));
    expect(states).toMatchObject([
      { state: 'dead', reason: 'exhausted', error: { code: 'DARUMA_JOB_TIMEOUT' } },
      { state: 'cancelled', attempt: 0 },
      { state: 'completed', result: 'just in time' },
      { state: 'active', attempt: 1 },
    ]);
    expect(desk.jobs.map(({ payload }) => payload)).toEqual(['hangs', 'drained', 'left']);
  });

  it('refuses what makes no sense', async () => {
    const { jobs } = await new Office([]).start();
    for (const [call, message] of [
      [() => jobs.list(items, 'done' as never), "the state is 'done'; it must be 'scheduled'"],
      [() => jobs.list(items, 'dead', { limit: 0 }), 'limit is 0; it must be a whole number from'],
      [() => jobs.redrive(items, ['a'] as never), 'redrive() was given a list'],
      [() => jobs.discard(items, [7] as never), 'ids must be the ids of jobs, as text.'],
    ] as const) {
      await expect(call()).rejects.toMatchObject({
        code: 'DARUMA_INVALID_OPTION',
        message: expect.stringContaining(message),
      });
    }
    await expect(jobs.pause({} as never)).rejects.toMatchObject({ code: 'DARUMA_INVALID_QUEUE' });
  });
});

describe('a result', () => {
  it('that JSON cannot say is not kept, and said so; the job is completed all the same', async () => {
    const odd = queue('odd');
    const office = new Office([worker(odd, () => ({ at: new Date(0) }))]);
    await office.start();
    const { id } = await office.jobs.enqueue(odd);

    expect(await office.over(odd, id)).toEqual({ state: 'completed', result: undefined });
    expect(office.all('hint')).toMatchObject([
      {
        path: 'app/odd',
        text: `Job ${id} of odd is completed, but its result is not kept: result.at is a Date, which JSON cannot say.`,
      },
    ]);
  });
});

describe('progress', () => {
  it('is kept and told, ten times a second at most, the latest in any case', async () => {
    const office = new Office([
      worker(items, async (job) => {
        for (let done = 1; done <= 20; done++) {
          job.progress({ done, total: 20 });
          await job.sleep(20);
        }
        job.progress({ fraction: 1, text: 'almost there' });
        return 'x';
      }),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');
    await office.clock.advance(110);
    expect((await office.jobs.get(items, id))?.progress).toMatchObject({ done: 5, total: 20 });
    await office.over(items, id);

    const told = office.all('job').filter(({ status }) => status === 'progress');
    expect(told.map(({ done }) => done)).toEqual([1, 5, 10, 15, 20]);
    expect((await office.jobs.get(items, id))?.progress).toEqual({
      fraction: 1,
      text: 'almost there',
    });
  });
});
