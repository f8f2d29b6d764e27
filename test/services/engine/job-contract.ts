import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/services/engine/engine.ts';
import { Desk, failed, refOf } from './desk.ts';

/** What jobs are in every engine. */
export function jobContract(name: string, open: () => Promise<Engine> | Engine): void {
  describe(`jobs ${name}`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await open();
    });
    afterAll(() => engine.close());

    const desk = () => new Desk(engine);

    it('claims what was added, the most urgent first, then in the order of adding', async () => {
      const at = desk();
      const low = await at.add({ priority: -1 });
      const first = await at.add();
      const second = await at.add();
      const high = await at.add({ priority: 5 });

      expect(await at.claimIds({ limit: 3 })).toEqual([high, first, second]);
      expect(await at.claimIds()).toEqual([low]);
      expect(await at.claimIds()).toEqual([]);
    });

    it('hands over everything that was given', async () => {
      const at = desk();
      at.now = 5_000;
      const id = await at.add({
        payload: '{"text":"ü 🙂"}',
        priority: 7,
        key: 'k',
        workspaceId: 'w',
        trigger: 'schedule',
        traceparent: '00-a-b-01',
        maxAttempts: 9,
      });
      at.now = 6_000;

      expect(await at.claimOne()).toEqual({
        id,
        payload: '{"text":"ü 🙂"}',
        priority: 7,
        key: 'k',
        workspaceId: 'w',
        trigger: 'schedule',
        traceparent: '00-a-b-01',
        attempt: 1,
        maxAttempts: 9,
        fence: 1,
        addedAt: 5_000,
        readyAt: 5_000,
      });
    });

    it('has nothing of other queues', async () => {
      const [one, other] = [desk(), desk()];
      const id = await one.add();

      expect(await other.claimIds()).toEqual([]);
      expect(await one.claimIds()).toEqual([id]);
    });

    it('adds a list whole, or nothing of it', async () => {
      const at = desk();
      const jobs = [at.job(), at.job()];
      const stale = at.engine.submit([
        ['jobs.add', { now: at.now, jobs }],
        ['jobs.expect', { id: 'nobody', fence: 1 }],
      ]);

      await expect(stale).rejects.toMatchObject({ failure: { code: 'DARUMA_STALE_CLAIM' } });
      expect(await at.claimIds()).toEqual([]);
    });

    it('knows an idempotency key for as long as it knows its job', async () => {
      const at = desk();
      const jobs = [at.job({ idempotencyKey: 'a' }), at.job({ idempotencyKey: 'a' })];
      const added = await at.do('jobs.add', { now: at.now, jobs });

      const id = jobs[0]?.id as string;
      expect(added).toEqual([
        { id, isNew: true },
        { id, isNew: false },
      ]);
      await at.complete(await at.claimOne(), 1_000);
      at.now += 999;
      expect(await at.add({ idempotencyKey: 'a' })).toBe(id);
      at.now += 1;
      expect(await at.add({ idempotencyKey: 'a' })).not.toBe(id);
      expect(await at.claimIds()).toHaveLength(1);
    });

    it('adds the same job once, however often it is added', async () => {
      const at = desk();
      const job = at.job();
      await at.do('jobs.add', { now: at.now, jobs: [job] });

      expect(await at.do('jobs.add', { now: at.now, jobs: [job] })).toEqual([
        { id: job.id, isNew: false },
      ]);
      expect(await at.claimIds()).toEqual([job.id]);
    });

    it('keeps a delayed one until its time, and says when that is', async () => {
      const at = desk();
      const id = await at.add({ dueAt: at.now + 500 });

      expect(await at.stateOf(id)).toBe('scheduled');
      expect(await at.look()).toMatchObject({ jobs: [], nextAt: at.now + 500 });
      at.now += 499;
      expect(await at.claimIds()).toEqual([]);
      at.now += 1;
      expect(await at.claimOne()).toMatchObject({ id, readyAt: at.now });
    });

    it('says at once that there is more than was asked for', async () => {
      const at = desk();
      await at.add();
      await at.add();

      expect((await at.look({ limit: 1 })).nextAt).toBe(at.now);
      expect((await at.look({ limit: 2 })).nextAt).toBe(at.now + 1_000);
    });

    it('completes with a result, and forgets it when its time is over', async () => {
      const at = desk();
      const id = await at.add();
      const job = await at.claimOne();

      expect(await at.settle(job, { type: 'completed', result: '{"a":1}' }, 1_000)).toBe(
        'completed',
      );
      expect(await at.get(id)).toMatchObject({
        state: 'completed',
        result: '{"a":1}',
        attempt: 1,
        startedAt: at.now,
        endedAt: at.now,
      });
      at.now += 1_000;
      await at.claim();
      expect(await at.get(id)).toBeNull();
    });

    it('does not keep at all what is to be kept for no time', async () => {
      const at = desk();
      const id = await at.add();

      expect(await at.complete(await at.claimOne(), 0)).toBe('completed');
      expect(await at.get(id)).toBeNull();
    });

    it('tries again after the delay, as the next attempt', async () => {
      const at = desk();
      const id = await at.add();

      expect(await at.settle(await at.claimOne(), failed(100))).toBe('scheduled');
      expect(await at.get(id)).toMatchObject({ error: '"no"', dueAt: at.now + 100, attempt: 1 });
      at.now += 100;
      expect(await at.claimOne()).toMatchObject({ id, attempt: 2, fence: 2 });
    });

    it('gives back what was released, as if it had not been claimed', async () => {
      const at = desk();
      await at.add();

      expect(await at.settle(await at.claimOne(), { type: 'released' })).toBe('ready');
      expect(await at.claimOne()).toMatchObject({ attempt: 1, fence: 2 });
    });

    it('refuses whoever comes with an older claim', async () => {
      const at = desk();
      const id = await at.add();
      const stale = await at.claimOne();
      await at.settle(stale, { type: 'released' });
      const current = await at.claimOne();

      expect(await at.complete(stale)).toBeNull();
      expect(await at.do('jobs.progress', { ...refOf(stale), progress: '1' })).toBe(false);
      await expect(at.do('jobs.expect', refOf(stale))).rejects.toMatchObject({
        failure: { code: 'DARUMA_STALE_CLAIM' },
      });
      expect(await at.stateOf(id)).toBe('active');
      expect(await at.complete(current)).toBe('completed');
      expect(await at.complete(current)).toBeNull();
    });

    it('commits what goes with a settlement, or nothing of it', async () => {
      const at = desk();
      await at.add();
      const job = await at.claimOne();
      const next = at.job();
      const settlement = { type: 'completed', result: null } as const;
      const steps = [
        ['jobs.expect', refOf(job)],
        ['jobs.add', { now: at.now, jobs: [next] }],
        ['jobs.settle', { ...refOf(job), now: at.now, queue: at.queue, settlement, keepMs: null }],
      ] as const;
      await at.engine.submit(steps);

      await expect(at.engine.submit(steps)).rejects.toThrow();
      expect(await at.claimIds()).toEqual([next.id]);
    });

    it('takes back what nobody renews, and counts the attempt', async () => {
      const at = desk();
      const id = await at.add({ maxAttempts: 2 });
      await at.claimOne();
      at.now += 999;
      expect((await at.look()).lost).toEqual([]);
      at.now += 1;

      const { lost, jobs } = await at.look();
      expect(lost).toEqual([{ id, attempt: 1, state: 'ready' }]);
      expect(jobs).toMatchObject([{ id, attempt: 2, fence: 2 }]);
      at.now += 1_000;
      expect((await at.look()).lost).toEqual([{ id, attempt: 2, state: 'dead' }]);
      expect(await at.get(id)).toMatchObject({ state: 'dead', reason: 'lost' });
    });

    it('renews, and says what has become of each claim', async () => {
      const at = desk();
      const [kept, cancelled, completed] = [await at.add(), await at.add(), await at.add()];
      const claims = await at.claim();
      await at.complete(claims[2] as (typeof claims)[0]);
      await at.do('jobs.cancel', { now: at.now, queue: at.queue, id: cancelled, keepMs: null });
      at.now += 900;

      expect(
        await at.do('jobs.renew', { now: at.now, leaseMs: 1_000, claims: claims.map(refOf) }),
      ).toEqual(['held', 'cancelling', 'gone']);
      at.now += 900;
      expect((await at.look()).lost).toEqual([]);
      expect([kept, completed].length).toBe(2);
    });

    it('cancels what waits at once, and asks for what runs', async () => {
      const at = desk();
      const running = await at.add();
      const job = await at.claimOne();
      const waiting = await at.add();
      const delayed = await at.add({ dueAt: at.now + 10 });
      const cancel = (id: string) =>
        at.do('jobs.cancel', { now: at.now, queue: at.queue, id, keepMs: null });

      expect(await cancel(waiting)).toBe('cancelled');
      expect(await cancel(delayed)).toBe('cancelled');
      expect(await cancel(running)).toBe('cancelling');
      expect(await cancel(waiting)).toBe('over');
      expect(await cancel('nobody')).toBe('unknown');
      expect(await at.get(running)).toMatchObject({ state: 'active', isCancelling: true });
      expect(await at.settle(job, failed())).toBe('cancelled');
      expect(await at.claimIds()).toEqual([]);
    });

    it('lets what is to be cancelled complete, and does not bring it back when it is lost', async () => {
      const at = desk();
      const [one, two] = [await at.add(), await at.add()];
      const [first] = await at.claim();
      for (const id of [one, two]) {
        await at.do('jobs.cancel', { now: at.now, queue: at.queue, id, keepMs: null });
      }

      expect(await at.complete(first as NonNullable<typeof first>)).toBe('completed');
      at.now += 1_000;
      expect((await at.look()).lost).toEqual([{ id: two, attempt: 1, state: 'cancelled' }]);
    });
  });
}
