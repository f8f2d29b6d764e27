import { describe, expect, it } from 'vitest';
import { failureOf } from '../../kernel/lab.ts';
import { Job, Workshop } from './workshop.ts';

/** The ids in the order in which their functions began. */
const begun = (shop: Workshop) =>
  shop.all('task').flatMap(({ id, status }) => (status === 'running' ? [id] : []));

const nap = (ms: number) => (ctx: { sleep(ms: number): Promise<void> }) => ctx.sleep(ms);

describe('concurrency', () => {
  it('is never exceeded, and used up', async () => {
    const shop = await new Workshop({ concurrency: 3 }).start();
    let [now, most] = [0, 0];
    for (let nth = 0; nth < 10; nth++) {
      shop.worker.submit(`job-${nth}`, async (ctx) => {
        most = Math.max(most, ++now);
        await ctx.sleep(100);
        now--;
      });
    }
    await shop.clock.advance(399);
    expect([most, now, shop.worker.running()]).toEqual([3, 1, 1]);

    await shop.clock.advance(1);
    expect(shop.worker.all().every(({ status }) => status === 'completed')).toBe(true);
  });

  it('is used again at once after a time with nothing to do, in which it polls for nothing', async () => {
    const shop = await new Workshop({ concurrency: 1, keepFor: 0 }).start();
    shop.worker.submit('first', nap(10));
    await shop.clock.advance(10);
    expect(shop.clock.nextAt).toBeUndefined();
    await shop.clock.advance(3_600_000);
    shop.worker.submit('second', nap(10));
    await shop.clock.settle();

    expect(begun(shop)).toEqual(['first', 'second']);
    expect(shop.worker.running()).toBe(1);
  });

  it('has no limit by default', async () => {
    const shop = await new Workshop().start();
    for (let nth = 0; nth < 100; nth++) shop.worker.submit(`job-${nth}`, nap(10));
    await shop.clock.settle();

    expect(shop.worker.running()).toBe(100);
  });
});

describe('the order', () => {
  it('is first come, first served within a priority, and the higher priority before', async () => {
    const shop = await new Workshop({ concurrency: 1 }).start();
    const submit = (id: string, priority?: number) =>
      shop.worker.submit(id, nap(1), priority === undefined ? {} : { priority });
    for (const id of ['a', 'b']) submit(id);
    for (const id of ['urgent', 'urgent too']) submit(id, 5);
    submit('whenever', -1);
    submit('c');
    await shop.clock.advance(10);

    expect(begun(shop)).toEqual(['urgent', 'urgent too', 'a', 'b', 'c', 'whenever']);
  });

  it('lets nobody starve: waiting is worth a priority now and then', async () => {
    const shop = await new Workshop({ concurrency: 1, ageing: '10s' }).start();
    shop.worker.submit('patient', nap(1_000), { priority: 0 });
    const urgent = async () => {
      for (let nth = 0; nth < 60; nth++) {
        shop.worker.submit(`urgent-${nth}`, nap(1_000), { priority: 3 });
        await shop.wait(1_000);
      }
    };
    shop.worker.submit('first', nap(1_000), { priority: 9 });
    void urgent();
    await shop.clock.advance(60_000);

    const place = begun(shop).indexOf('patient');
    expect(place).toBeGreaterThan(25);
    expect(place).toBeLessThan(35);
  });

  it('is by priority alone where nobody ages', async () => {
    const shop = await new Workshop({ concurrency: 1, ageing: 'infinity' }).start();
    shop.worker.submit('first', nap(3_600_000));
    await shop.clock.settle();
    shop.worker.submit('patient', nap(1));
    await shop.clock.advance(3_599_000);
    shop.worker.submit('urgent', nap(1), { priority: 0.5 });
    await shop.clock.advance(2_000);

    expect(begun(shop)).toEqual(['first', 'urgent', 'patient']);
  });
});

describe('a full line', () => {
  it('refuses what does not fit, with its numbers', async () => {
    const shop = await new Workshop({ concurrency: 1, maxPending: 2 }).start();
    for (const id of ['a', 'b', 'c']) shop.worker.submit(id, nap(1_000));

    expect(() => shop.worker.submit('d', nap(1))).toThrow(
      expect.objectContaining({
        code: 'DARUMA_TASKS_FULL',
        message: expect.stringContaining('2 tasks wait'),
      }),
    );
    expect(shop.worker.has('d')).toBe(false);
    await shop.clock.advance(1_000);
    shop.worker.submit('d', nap(1));
  });

  it('lets those in who wait for room, in their order', async () => {
    const shop = await new Workshop({ concurrency: 1, maxPending: 1 }).start();
    for (const id of ['a', 'b']) shop.worker.submit(id, nap(1_000));
    const admitted: string[] = [];
    for (const id of ['c', 'd', 'e']) {
      void shop.worker.submitWhenFree(id, nap(1_000)).then((handle) => admitted.push(handle.id));
    }
    await shop.clock.settle();
    expect(admitted).toEqual([]);

    await shop.clock.advance(1_000);
    expect(admitted).toEqual(['c']);
    await shop.clock.advance(2_000);
    expect(admitted).toEqual(['c', 'd', 'e']);
    expect(shop.worker.pending()).toBe(1);
  });

  it('answers those who wait for room when the worker stops', async () => {
    const shop = await new Workshop({ concurrency: 1, maxPending: 0 }).start();
    shop.worker.submit('a', nap(1_000));
    const refused = failureOf(shop.worker.submitWhenFree('b', nap(1)));
    const { worker } = shop;
    await shop.stop();

    expect(await refused).toMatchObject({ code: 'DARUMA_TASKS_STOPPING' });
    await expect(worker.submitWhenFree('c', nap(1))).rejects.toMatchObject({
      code: 'DARUMA_TASKS_STOPPING',
    });
  });

  it('tells one who waited that its id is taken by now', async () => {
    const shop = await new Workshop({ concurrency: 2, maxPending: 0 }).start();
    shop.worker.submit('short', nap(1_000));
    shop.worker.submit('long', nap(5_000));
    const taken = failureOf(shop.worker.submitWhenFree('long', nap(1)));
    await shop.clock.advance(1_000);

    expect(await taken).toMatchObject({ code: 'DARUMA_TASK_DUPLICATE' });
  });

  it('lets a retry back in', async () => {
    const shop = await new Workshop({ concurrency: 1, maxPending: 1 }).start();
    const retry = { maxAttempts: 2, backoff: { first: 100, jitter: 'none' } } as const;
    const handle = shop.worker.submit('job', () => Promise.reject(new Error('no')), { retry });
    await shop.clock.settle();
    for (const id of ['a', 'b']) shop.worker.submit(id, nap(1_000));
    await shop.clock.advance(100);
    expect(shop.worker.pending()).toBe(2);

    await shop.clock.advance(2_000);
    expect(handle.status()).toMatchObject({ status: 'failed', attempt: 2 });
  });
});

describe('a pause', () => {
  it('begins nothing, lets what runs go on, and takes tasks in', async () => {
    const shop = await new Workshop({ concurrency: 2 }).start();
    const job = new Job();
    shop.worker.submit('running', job.run);
    await shop.clock.settle();
    shop.worker.pause();
    shop.worker.submit('waiting', () => 1);
    job.finish();
    await shop.clock.advance(1_000);

    expect(shop.worker.isPaused).toBe(true);
    expect(shop.worker.all().map(({ status }) => status)).toEqual(['completed', 'pending']);

    shop.worker.resume();
    await shop.clock.settle();
    expect(shop.worker.status('waiting')?.status).toBe('completed');
  });
});
