import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../../src/services/engine/engine.ts';
import { Desk, dead, failed, refOf } from './desk.ts';

/** What queues and their keys are in every engine, and what people do to jobs. */
export function queueContract(name: string, open: () => Promise<Engine> | Engine): void {
  describe(`queues ${name}`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await open();
    });
    afterAll(() => engine.close());

    const desk = () => new Desk(engine);

    it('keeps the dead with reason and error, and redrives them at their old places', async () => {
      const at = desk();
      const first = await at.add();
      expect(await at.settle(await at.claimOne(), dead)).toBe('dead');
      const second = await at.add();

      expect(await at.get(first)).toMatchObject({
        state: 'dead',
        reason: 'exhausted',
        error: '"no"',
      });
      const redrive = { now: at.now, queue: at.queue, ids: [first, second], limit: 10 };
      expect(await at.do('jobs.redrive', redrive)).toEqual([first]);
      const jobs = await at.claim();
      expect(jobs.map(({ id }) => id)).toEqual([first, second]);
      expect(jobs[0]).toMatchObject({ attempt: 1, fence: 2, trigger: 'redrive' });
    });

    it('redrives the longest dead first, as many as may be, and discards', async () => {
      const at = desk();
      const ids = [await at.add(), await at.add(), await at.add()];
      for (const job of await at.claim()) {
        at.now += 1;
        await at.settle(job, dead);
      }

      const { now, queue } = at;
      expect(await at.do('jobs.redrive', { now, queue, ids: null, limit: 2 })).toEqual(
        ids.slice(0, 2),
      );
      expect(await at.do('jobs.discard', { queue, ids })).toBe(1);
      expect(await at.get(ids[2] as string)).toBeNull();
      expect(await at.counts()).toMatchObject({ states: { ready: 2, dead: 0 } });
    });

    it('claims nothing of a paused queue until it is resumed', async () => {
      const at = desk();
      const id = await at.add();
      await at.do('queues.pause', { queue: at.queue, isPaused: true });

      expect(await at.look()).toMatchObject({ jobs: [], isPaused: true });
      expect(await at.counts()).toMatchObject({ isPaused: true });
      await at.do('queues.pause', { queue: at.queue, isPaused: false });
      expect(await at.claimIds()).toEqual([id]);
    });

    it('runs no more of a key beside each other than may be', async () => {
      const at = desk();
      const a = [
        await at.add({ key: 'a' }),
        await at.add({ key: 'a' }),
        await at.add({ key: 'a' }),
      ];
      const b = await at.add({ key: 'b' });
      const none = await at.add();

      const jobs = await at.claim({ perKey: 2 });
      expect(jobs.map(({ id }) => id)).toEqual([a[0], a[1], b, none]);
      expect(await at.stateOf(a[2] as string)).toBe('held');
      expect(await at.claimIds({ perKey: 2 })).toEqual([]);
      await at.settle(jobs[1] as (typeof jobs)[0], failed(100));
      expect(await at.claimIds({ perKey: 2 })).toEqual([a[2]]);
    });

    it('lets more of a key in when more may run', async () => {
      const at = desk();
      for (let count = 0; count < 4; count++) await at.add({ key: 'a' });
      const [first] = await at.claim({ perKey: 1 });

      await at.complete(first as NonNullable<typeof first>);
      expect(await at.claim({ perKey: 3 })).toHaveLength(3);
    });

    it('keeps the order of a key over retries, delays and priorities', async () => {
      const at = desk();
      const fifo = { perKey: 'fifo' } as const;
      const first = await at.add({ key: 'a' });
      const second = await at.add({ key: 'a', priority: 9 });
      const other = await at.add({ key: 'b' });

      const jobs = await at.claim(fifo);
      expect(jobs.map(({ id }) => id)).toEqual([first, other]);
      await at.settle(jobs[0] as (typeof jobs)[0], failed(100));
      expect(await at.claimIds(fifo)).toEqual([]);
      at.now += 100;
      const again = await at.claimOne(fifo);
      expect(again.id).toBe(first);
      await at.settle(again, dead);
      expect(await at.claimIds(fifo)).toEqual([second]);
    });

    it('lets one that is redriven wait for a later one of its key that runs', async () => {
      const at = desk();
      const fifo = { perKey: 'fifo' } as const;
      const first = await at.add({ key: 'a' });
      const second = await at.add({ key: 'a' });
      await at.settle(await at.claimOne(fifo), dead);
      const running = await at.claimOne(fifo);
      await at.do('jobs.redrive', { now: at.now, queue: at.queue, ids: [first], limit: 1 });

      expect(running.id).toBe(second);
      expect(await at.claimIds(fifo)).toEqual([]);
      await at.complete(running);
      expect(await at.claimIds(fifo)).toEqual([first]);
    });

    it('goes on with a key when its first is cancelled', async () => {
      const at = desk();
      const fifo = { perKey: 'fifo' } as const;
      const first = await at.add({ key: 'a', dueAt: at.now + 10_000 });
      const second = await at.add({ key: 'a' });

      expect(await at.claimIds(fifo)).toEqual([]);
      await at.do('jobs.cancel', { now: at.now, queue: at.queue, id: first, keepMs: null });
      expect(await at.claimIds(fifo)).toEqual([second]);
    });

    it('runs one of an ordered key, also when an earlier one comes back from the dead', async () => {
      const at = desk();
      const fifo = { perKey: 'fifo' } as const;
      const first = await at.add({ key: 'a' });
      const second = await at.add({ key: 'a' });
      await at.settle(await at.claimOne(fifo), dead);
      const running = await at.claimOne(fifo);
      const redrive = { now: at.now, queue: at.queue, ids: [first], limit: 1 };
      await at.do('jobs.redrive', redrive);

      expect(running.id).toBe(second);
      expect(await at.claimIds(fifo)).toEqual([]);
      await at.complete(running);
      expect(await at.claimIds(fifo)).toEqual([first]);
    });

    it('claims no more in any such time than its rate', async () => {
      const at = desk();
      const rate = { max: 2, perMs: 1_000 };
      for (let count = 0; count < 5; count++) await at.add();

      expect(await at.claim({ rate, leaseMs: 60_000, limit: 1 })).toHaveLength(1);
      at.now += 400;
      expect(await at.look({ rate, leaseMs: 60_000 })).toMatchObject({
        jobs: { length: 1 },
        nextAt: at.now + 600,
      });
      at.now += 599;
      expect(await at.claim({ rate })).toEqual([]);
      at.now += 1;
      expect(await at.claim({ rate })).toHaveLength(1);
    });

    it('does not wait for a clock that was set back to come to where it was', async () => {
      const at = desk();
      const rate = { max: 2, perMs: 1_000 };
      for (let count = 0; count < 4; count++) await at.add();
      expect(await at.claim({ rate, leaseMs: 60_000 })).toHaveLength(2);
      at.now -= 43_200_000;

      expect(await at.claim({ rate })).toHaveLength(2);
    });

    it('keeps the progress of the current attempt', async () => {
      const at = desk();
      const id = await at.add();
      const job = await at.claimOne();

      expect(await at.do('jobs.progress', { ...refOf(job), progress: '0.5' })).toBe(true);
      expect(await at.get(id)).toMatchObject({ progress: '0.5' });
      await at.settle(job, failed());
      await at.claimOne();
      expect(await at.get(id)).toMatchObject({ progress: null });
    });

    it('lists by state: those that wait as they come, those that are over the latest first', async () => {
      const at = desk();
      const ids = [await at.add(), await at.add({ priority: 1 }), await at.add()];
      const list = async (state: 'ready' | 'dead', offset = 0) =>
        (await at.do('jobs.list', { queue: at.queue, state, offset, limit: 2 })).map(
          ({ id }) => id,
        );

      expect(await list('ready')).toEqual([ids[1], ids[0]]);
      expect(await list('ready', 2)).toEqual([ids[2]]);
      for (const job of await at.claim()) {
        at.now += 1;
        await at.settle(job, dead);
      }
      expect(await list('dead')).toEqual([ids[2], ids[0]]);
    });

    it('counts by state, with the age of the one that waits longest', async () => {
      const at = desk();
      await at.add();
      at.now += 10_000;
      await at.add({ dueAt: at.now + 1 });
      await at.add({ priority: 1 });
      await at.complete(await at.claimOne());

      expect(await at.counts()).toEqual({
        queue: at.queue,
        isPaused: false,
        states: {
          scheduled: 1,
          ready: 1,
          held: 0,
          active: 0,
          completed: 1,
          dead: 0,
          cancelled: 0,
        },
        oldestReadyMs: 10_000,
        completedLastMinute: 1,
        deadLastMinute: 0,
      });
      at.now += 60_000;
      expect(await at.counts()).toMatchObject({ completedLastMinute: 0 });
    });

    it('tells those who watch a queue, and nobody else', async () => {
      const [at, other] = [desk(), desk()];
      const [heard, unheard] = [vi.fn(), vi.fn()];
      const forget = at.engine.watch(at.queue, heard);
      at.engine.watch(other.queue, unheard);

      const id = await at.add();
      expect(heard).toHaveBeenCalledTimes(1);
      await at.claim();
      expect(heard).toHaveBeenCalledTimes(1);
      await at.do('jobs.cancel', { now: at.now, queue: at.queue, id, keepMs: null });
      expect(heard).toHaveBeenCalledTimes(2);
      forget();
      await at.add();
      expect(heard).toHaveBeenCalledTimes(2);
      expect(unheard).not.toHaveBeenCalled();
    });
  });
}
