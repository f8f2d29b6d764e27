import { describe, expect, it } from 'vitest';
import { Job, Workshop } from './workshop.ts';

describe('a task', () => {
  it('is pending when it was accepted, running while its function runs, and then completed', async () => {
    const shop = await new Workshop().start();
    const job = new Job();

    const { result } = shop.worker.submit('import', job.run);
    expect(shop.worker.status('import')?.status).toBe('pending');

    await shop.clock.settle();
    expect(shop.worker.status('import')?.status).toBe('running');

    job.finish(42);
    expect(await result).toBe(42);
    expect(shop.worker.status('import')).toMatchObject({ status: 'completed', result: 42 });
    expect(shop.story('import')).toEqual(['pending', 'running', 'completed']);
    await shop.stop();
    expect(shop.clock.pendingTimers).toBe(0);
  });
});
