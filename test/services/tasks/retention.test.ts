import { describe, expect, it } from 'vitest';
import { Workshop } from './workshop.ts';

const ids = (shop: Workshop) => shop.worker.all().map(({ id }) => id);

async function finish(shop: Workshop, ...names: string[]): Promise<void> {
  for (const id of names) shop.worker.submit(id, () => id);
  await shop.clock.settle();
}

describe('tasks that are over', () => {
  it('are kept up to a number, the oldest is forgotten', async () => {
    const shop = await new Workshop({ keepFinished: 2 }).start();
    shop.worker.submit('live', (ctx) => ctx.sleep('1h'));
    await finish(shop, 'a', 'b', 'c');

    expect(ids(shop)).toEqual(['live', 'b', 'c']);
    expect(shop.worker.status('a')).toBeUndefined();
  });

  it('are kept for a time, each from its end', async () => {
    const shop = await new Workshop({ keepFor: '10s' }).start();
    await finish(shop, 'a');
    await shop.clock.advance(6_000);
    await finish(shop, 'b');
    await shop.clock.advance(3_999);
    expect(ids(shop)).toEqual(['a', 'b']);

    await shop.clock.advance(1);
    expect(ids(shop)).toEqual(['b']);
    await shop.clock.advance(6_000);
    expect(ids(shop)).toEqual([]);
    expect(shop.clock.pendingTimers).toBe(0);
  });

  it('are forgotten at once where nothing is to be kept, and their handles know', async () => {
    const shop = await new Workshop({ keepFinished: 0 }).start();
    const handle = shop.worker.submit('a', () => 'kept here');
    await shop.clock.settle();

    expect(shop.worker.count()).toBe(0);
    expect(await handle.result).toBe('kept here');
  });

  it('go with a cleanup, which counts them; the others stay', async () => {
    const shop = await new Workshop({ concurrency: 1 }).start();
    await finish(shop, 'a', 'b');
    await shop.worker.submit('bad', () => Promise.reject(new Error('no'))).wait();
    shop.worker.submit('running', (ctx) => ctx.sleep('1h'));
    shop.worker.submit('pending', (ctx) => ctx.sleep('1h'));
    await shop.clock.settle();

    expect(shop.worker.cleanup()).toBe(3);
    expect(ids(shop)).toEqual(['running', 'pending']);
    expect(shop.worker.cleanup()).toBe(0);
  });

  it('leave no timer behind when the worker stops', async () => {
    const shop = await new Workshop().start();
    await finish(shop, 'a');
    expect(shop.clock.pendingTimers).toBe(1);
    await shop.stop();

    expect(shop.clock.pendingTimers).toBe(0);
  });

  it('are known after the stop to whoever held the worker', async () => {
    const shop = await new Workshop().start();
    const { worker } = shop;
    await finish(shop, 'a');
    await shop.stop();

    expect(worker.status('a')?.result).toBe('a');
  });

  it('leave no trace when one id is used again and again', async () => {
    const shop = await new Workshop({ keepFinished: 2 }).start();
    await finish(shop, 'a');
    for (let nth = 0; nth < 500; nth++) await finish(shop, 'same');

    expect(ids(shop)).toEqual(['a', 'same']);
  });
});
