import { describe, expect, it } from 'vitest';
import { type TaskContext, topic } from '../../../src/index.ts';
import { Job, Workshop } from './workshop.ts';

const rows = topic<number>('rows');
const hour = 3_600_000;

async function shopWith(job: Job, work = job.run) {
  const shop = new Workshop({}, { storage: 'memory' });
  await shop.start();
  const handle = shop.worker.submit('import', work as () => Promise<unknown>);
  await shop.clock.settle();
  return { shop, handle };
}

describe('what a task is given of its worker', () => {
  it('is its storage, its measurements, its notifications and its events', async () => {
    const job = new Job();
    const { shop } = await shopWith(job);
    const heard: unknown[] = [];
    shop.system.bus.on(rows, (count, { from }) => heard.push([count, from]));
    const { storage, metrics, notify, bus, span } = job.context;

    await shop.until(storage.set('last', 7));
    metrics.counter('rows_total').add(7);
    notify('Imported', '7 rows');
    span('flush', () => bus.emit(rows, 7));
    job.finish();
    await shop.clock.settle();

    const [counted] = shop.system.metrics.snapshot().filter(({ name }) => name === 'rows_total');
    expect(counted?.series).toEqual([{ labels: { actor: 'app/worker' }, value: 7 }]);
    expect(shop.all('notification').map(({ path }) => path)).toEqual(['app/worker']);
    expect(heard).toEqual([[7, 'app/worker']]);
    await shop.stop();
  });

  it('is shared by the tasks of a worker, where it is stored', async () => {
    const shop = new Workshop({}, { storage: 'memory' });
    await shop.start();
    const count = async ({ storage }: TaskContext<undefined>) => {
      await storage.transaction(async (tx) => {
        await tx.set('count', ((await tx.get<number>('count')) ?? 0) + 1);
      });
      return await storage.get<number>('count');
    };
    const first = shop.worker.submit('a', count);
    await shop.until(first.wait());
    const second = shop.worker.submit('b', count);

    expect(await shop.until(second.result)).toBe(2);
    await shop.stop();
  });

  it('is taken away when the attempt is over', async () => {
    const job = new Job();
    const { shop } = await shopWith(job);
    const { storage, notify, bus } = job.context;
    notify.schedule(shop.clock.now() + hour, 'Still there');
    job.finish();
    await shop.clock.settle();
    await shop.clock.advance(2 * hour);

    const stale = { code: 'DARUMA_STALE_INCARNATION' };
    await expect(storage.set('last', 7)).rejects.toMatchObject(stale);
    expect(() => bus.emit(rows, 7)).toThrow(/attempt of task 'import' .* is over/);
    expect(() => bus.on(rows, () => {})).toThrow(/is over/);
    expect(() => notify('Late')).toThrow(/is over/);
    expect(shop.all('notification')).toEqual([]);
    await shop.stop();
  });
});

describe('a subscription of a task', () => {
  it('ends with the attempt, which waits for the handler that is under way', async () => {
    const job = new Job();
    const { shop, handle } = await shopWith(job);
    const heard: number[] = [];
    job.context.bus.on(rows, async (count) => {
      await shop.wait(500);
      heard.push(count);
    });
    shop.system.bus.emit(rows, 1);
    shop.system.bus.emit(rows, 2);
    await shop.clock.settle();
    job.finish();
    await shop.clock.advance(499);

    expect([handle.status().status, heard]).toEqual(['running', []]);
    expect(shop.system.bus.subscribers(rows)).toBe(0);

    await shop.clock.advance(1);
    expect([handle.status().status, heard]).toEqual(['completed', [1]]);
    await shop.stop();
  });

  it('ends with a cancel, which the loop over it obeys', async () => {
    const shop = new Workshop({}, { storage: 'memory' });
    await shop.start();
    const handle = shop.worker.submit('import', async ({ bus }) => {
      for await (const event of bus.events(rows)) expect(event.payload).toBe(1);
      await shop.wait(5);
    });
    await shop.clock.settle();
    shop.system.bus.emit(rows, 1);
    await shop.clock.settle();

    expect((await shop.until(handle.cancel())).status).toBe('cancelled');
    await shop.stop();
  });

  it('fails the attempt and not the worker when its handler throws', async () => {
    const job = new Job();
    const { shop, handle } = await shopWith(job, job.obedient);
    job.context.bus.on(rows, () => {
      throw new Error('no such row');
    });
    shop.system.bus.emit(rows, 1);
    const { status, error } = await shop.until(handle.wait());

    expect([status, error?.message]).toEqual(['failed', 'no such row']);
    expect(shop.worker.status('import')?.status).toBe('failed');
    await shop.stop();
  });

  it('has the attempt abandoned that does not look at its signal then', async () => {
    const job = new Job();
    const { shop, handle } = await shopWith(job);
    job.context.bus.on(rows, () => {
      throw new Error('no such row');
    });
    shop.system.bus.emit(rows, 1);
    await shop.clock.advance(4_999);
    expect(handle.status().status).toBe('stopping');
    await shop.clock.advance(1);

    expect(handle.status().status).toBe('abandoned');
    await shop.stop();
  });

  it('leaves a task that only emits what it was: one that cannot have obeyed', async () => {
    const job = new Job();
    const { shop, handle } = await shopWith(job);
    job.context.bus.emit(rows, 1);
    const cancelled = handle.cancel();
    await shop.clock.advance(1);
    job.finish();

    expect((await shop.until(cancelled)).status).toBe('completed');
    await shop.stop();
  });
});
