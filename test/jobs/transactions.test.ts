import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type Context, queue, type Transaction, worker } from '../../src/index.ts';
import { Desk, Office, SharedEngine } from './office.ts';

const items = queue<string, unknown>('items', { lease: '30s', maxAttempts: 2 });
const others = queue<string>('others');

describe('tx.enqueue', () => {
  it('adds with what the transaction writes, or not at all', async () => {
    const office = await new Office([]).start();
    const { storage, jobs } = office.ctx;
    const added = await storage.transaction(async (tx) => {
      await tx.set('order', 1);
      return await tx.enqueue(items, 'x', { delay: '1h' });
    });
    expect(added.isNew).toBe(true);
    expect(await jobs.get(items, added.id)).toMatchObject({ state: 'scheduled' });
    expect(office.all('job')).toMatchObject([{ id: added.id, path: 'app/clerk' }]);

    const failed = storage.transaction(async (tx) => {
      await tx.set('order', 2);
      await tx.enqueue(items, 'y');
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow('changed my mind');
    expect(await storage.get('order')).toBe(1);
    expect((await jobs.counts(items)).states).toMatchObject({ ready: 0, scheduled: 1 });
    expect(office.all('job')).toHaveLength(1);
  });

  it('that is refused fails the transaction, also when nobody awaits it', async () => {
    const office = await new Office([]).start();
    const { storage } = office.ctx;
    const slow = queue('slow', {
      payload: v.pipeAsync(
        v.string(),
        v.checkAsync(async () => false, 'never'),
      ),
    });
    for (const add of [
      (tx: Transaction) => tx.enqueue(items, new Date() as never),
      (tx: Transaction) => tx.enqueue(slow, 'x'),
    ]) {
      const failed = storage.transaction(async (tx) => {
        await tx.set('key', 1);
        void add(tx);
      });
      await expect(failed).rejects.toMatchObject({ code: 'DARUMA_INVALID_PAYLOAD' });
    }
    expect(await storage.has('key')).toBe(false);
  });

  it('that nobody awaits is part of it', async () => {
    const office = await new Office([]).start();
    const slow = queue('slow', {
      payload: v.pipeAsync(
        v.string(),
        v.checkAsync(async () => true),
      ),
    });
    await office.ctx.storage.transaction((tx) => {
      void tx.enqueue(items, 'x');
      void tx.enqueue(slow, 'x');
    });

    expect((await office.jobs.counts()).map(({ queue: name }) => name)).toEqual(['items', 'slow']);
  });

  it('knows an idempotency key that is there', async () => {
    const office = await new Office([]).start();
    const options = { idempotencyKey: 'once' };
    const first = await office.jobs.enqueue(items, 'x', options);
    const second = await office.ctx.storage.transaction((tx) => tx.enqueue(items, 'y', options));
    expect(second).toEqual({ id: first.id, isNew: false });
    expect(office.all('job')).toHaveLength(1);

    const both = await office.ctx.storage.transaction(async (tx) => [
      await tx.enqueue(items, 'y', { idempotencyKey: 'twice' }),
      await tx.enqueue(items, 'z', { idempotencyKey: 'twice' }),
    ]);
    expect(both[1]).toEqual({ id: both[0]?.id, isNew: false });
  });
});

describe('job.transaction', () => {
  it('commits what it writes together with the completion of the job', async () => {
    const desk = new Desk<string>();
    const office = new Office([
      worker(items, async (job) => {
        const result = await job.transaction(async (tx) => {
          await tx.set('sum', ((await tx.get<number>('sum')) ?? 0) + 1);
          await tx.enqueue(others, job.payload);
          return { from: 'transaction' };
        });
        expect(await office.jobs.get(items, job.id)).toMatchObject({ state: 'completed' });
        expect(result).toEqual({ from: 'transaction' });
        return await desk.deaf(job);
      }),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');
    await office.clock.settle();

    expect(await office.over(items, id)).toEqual({
      state: 'completed',
      result: { from: 'transaction' },
    });
    desk.finish('too late to be the result');
    await office.clock.settle();
    expect(office.story(id)).toEqual(['added', 'started', 'completed']);
    expect((await office.jobs.get(items, id))?.result).toEqual({ from: 'transaction' });
    expect((await office.jobs.counts(others)).states.ready).toBe(1);
  });

  it('writes nothing when its function throws, and the job has failed', async () => {
    const stored: unknown[] = [];
    const office = new Office([
      worker(items, async (job) => {
        stored.push(await job.storage.get('key'));
        await job.transaction(async (tx) => {
          await tx.set('key', job.attempt);
          await tx.enqueue(others, 'x');
          throw new Error('no');
        });
      }),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');

    expect(await office.over(items, id)).toMatchObject({ state: 'dead', error: { message: 'no' } });
    expect(stored).toEqual([undefined, undefined]);
    expect((await office.jobs.counts(others)).states.ready).toBe(0);
  });

  it('writes nothing when the lease was lost, and says so', async () => {
    const engine = new SharedEngine();
    const contexts: Context[] = [];
    const errors: unknown[] = [];
    let gate = Promise.withResolvers<void>();
    const make = (seed: number, clock?: Office['clock']) =>
      new Office(
        [
          worker(items, async (job) => {
            contexts.push(job as unknown as Context);
            const { promise } = gate;
            const work = job.transaction(
              async (tx) => {
                await promise;
                await tx.set('winner', seed);
              },
              { within: '5m' },
            );
            await work.catch((error: unknown) => {
              errors.push(error);
              throw error;
            });
          }),
        ],
        { seed, ...(clock && { clock }) },
        engine,
      );
    const first = make(1);
    await first.start();
    const { id } = await first.jobs.enqueue(items, 'x');
    await first.clock.settle();
    const firstGate = gate;
    engine.goDown();
    await first.clock.advance(29_999);
    engine.comeBack();
    // The lease runs out in the storage before this process has noticed.
    const second = make(2, first.clock);
    gate = Promise.withResolvers();
    await second.start();
    await first.clock.advance(1);
    await first.clock.settle();
    firstGate.resolve();
    gate.resolve();
    await second.over(items, id);
    await first.clock.settle();

    expect(errors).toMatchObject([{ code: 'DARUMA_STALE_CLAIM', path: 'app/items' }]);
    expect(first.story(id).slice(0, 3)).toEqual(['added', 'started', 'lost']);
    expect(second.story(id)).toEqual(['retrying', 'started', 'completed']);
  });

  it('has one effect, however often its job is delivered', async () => {
    const engine = new SharedEngine();
    const late = Promise.withResolvers<void>();
    const make = (seed: number, clock?: Office['clock']) =>
      new Office(
        [
          worker(items, async (job) => {
            if (job.payload === 'order' && job.attempt === 1) await late.promise;
            return await job.transaction(async (tx) => {
              const count = ((await tx.get<number>('orders')) ?? 0) + 1;
              await tx.set('orders', count);
              return count;
            });
          }),
        ],
        { seed, ...(clock && { clock }) },
        engine,
      );
    const first = await make(1).start();
    const options = { idempotencyKey: 'order 7' };
    const { id } = await first.jobs.enqueue(items, 'order', options);
    await first.clock.settle();
    // Its process is cut off until its lease has run out, and then does its work all the same.
    engine.goDown();
    await first.clock.advance(29_999);
    engine.comeBack();
    const second = await make(2, first.clock).start();
    await first.clock.advance(1);
    late.resolve();

    expect(await second.over(items, id)).toEqual({ state: 'completed', result: 1 });
    await first.clock.advance(60_000);
    // Whoever did not hear that it was added adds it once more.
    expect(await second.jobs.enqueue(items, 'order', options)).toEqual({ id, isNew: false });
    const other = await second.jobs.enqueue(items, 'another order');
    expect(await second.over(items, other.id)).toMatchObject({ result: 2 });
    const begun = [first, second].flatMap((office) => office.story(id));
    expect(begun.filter((status) => status === 'started')).toHaveLength(2);
    expect(begun.filter((status) => status === 'completed')).toHaveLength(1);
  });

  it('completes a job once', async () => {
    const errors: unknown[] = [];
    const office = new Office([
      worker(items, async (job) => {
        const both = await Promise.allSettled([
          job.transaction((tx) => tx.set('a', 1)),
          job.transaction((tx) => tx.set('b', 1)),
        ]);
        errors.push(...both.map((one) => ('reason' in one ? one.reason : undefined)));
        throw new Error('after the fact');
      }),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');
    await office.over(items, id);

    expect(errors).toMatchObject([undefined, { code: 'DARUMA_STALE_CLAIM' }]);
    expect(office.story(id)).toEqual(['added', 'started', 'completed']);
    expect(office.all('stray-error')).toMatchObject([
      { job: id, error: { message: 'after the fact' } },
    ]);
  });

  it('that nobody awaits decides the job all the same', async () => {
    const office = new Office([
      worker(items, (job) => {
        void job.transaction(async (tx) => {
          await tx.set('a', 1);
          await tx.get('a');
          return 'of the transaction';
        });
        return 'of the handler';
      }),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');

    expect(await office.over(items, id)).toMatchObject({ result: 'of the transaction' });
    expect(office.story(id)).toEqual(['added', 'started', 'completed']);
  });
});
