import { describe, expect, it } from 'vitest';
import { no, stage } from './stage.ts';

describe('a fallback', () => {
  it('answers in place of a call that failed for good, and is told of what', async () => {
    const told: unknown[] = [];
    const it = await stage({
      retry: { maxAttempts: 2, backoff: { first: 0 } },
      fallback: (error) => {
        told.push(error);
        return 'from the cache';
      },
    });
    const call = it.api.run(it.ctx, () => Promise.reject(no()));

    expect(await it.lab.until(call)).toBe('from the cache');
    expect(told).toEqual([no()]);
    expect(it.events('fallback')).toMatchObject([{ path: 'app/caller', error: { message: 'no' } }]);
  });

  it.each([
    ['a timeout', { timeout: '1s' } as const],
    ['a full bulkhead', { bulkhead: { concurrency: 1 } }],
    ['a rate limit', { rateLimit: { limit: 1, per: '1h' } } as const],
  ])('answers in place of %s', async (_name, options) => {
    const it = await stage({ ...options, fallback: () => 'instead' });
    it.begin();
    const call = it.begin();
    await it.advance(1_000);

    expect(await it.outcome(call)).toBe('instead');
  });

  it('answers while the breaker is open', async () => {
    const it = await stage({ breaker: { failures: 1 }, fallback: async () => 'instead' });
    await it.fail();

    expect(await it.outcome(it.succeed())).toBe('instead');
    expect(it.breaker).toBe('open');
    // What it refuses is a number, not an event each.
    expect(it.events('fallback')).toHaveLength(1);
    expect(it.api.state(it.ctx).breaker?.refused).toBe(1);
  });

  it('is not asked when the call was cancelled or aborted', async () => {
    let asked = 0;
    const it = await stage({ retry: {}, fallback: () => ++asked });
    const aborted = it.begin();
    it.pending[0]?.fail(Object.assign(new Error('aborted'), { name: 'AbortError' }));
    expect(await it.outcome(aborted)).toBe('aborted');
    const cancelled = it.begin();
    it.pending[1]?.signal.addEventListener('abort', () => it.pending[1]?.fail());
    await it.lab.stop();

    expect(await it.outcome(cancelled)).toBe('no');
    expect(asked).toBe(0);
  });

  it('may fail itself, with an error of its own', async () => {
    const it = await stage({
      timeout: { total: '1s' },
      fallback: () => Promise.reject(new Error('no cache')),
    });

    expect(await it.outcome(it.api.run(it.ctx, () => Promise.reject(no())))).toBe('no cache');
    expect(it.lab.clock.pendingTimers).toBe(0);
  });

  it('may take its time, but not longer than its service', async () => {
    const it = await stage({ fallback: () => new Promise(() => {}) });
    const call = it.api.run(it.ctx, () => Promise.reject(no()));
    call.catch(() => {});
    await it.advance(60_000);
    expect(await it.outcome(call)).toBe('pending');
    await it.lab.stop();

    expect(await it.outcome(call)).toBe('DARUMA_CANCELLED');
  });
});
