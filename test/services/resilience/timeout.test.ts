import { describe, expect, it } from 'vitest';
import { failureOf } from '../../kernel/lab.ts';
import { no, stage } from './stage.ts';

describe('a timeout', () => {
  it('aborts the signal of the attempt and does not wait for one that ignores it', async () => {
    const it = await stage({ timeout: '2s' });
    const call = it.begin();
    const { signal } = it.pending[0] ?? {};
    await it.advance(1_999);
    expect([signal?.aborted, await it.outcome(call)]).toEqual([false, 'pending']);
    await it.advance(1);

    expect(await failureOf(call)).toMatchObject({
      code: 'DARUMA_CALL_TIMEOUT',
      path: 'app/caller',
      policy: 'api',
      message: 'An attempt of api took longer than 2s.',
    });
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toBe(await failureOf(call));
  });

  it('ignores what comes of an attempt that was given up', async () => {
    const it = await stage({ timeout: '2s', retry: { backoff: { first: '1s', jitter: 'none' } } });
    const call = it.begin();
    await it.advance(3_000);
    expect(it.pending.map(({ attempt }) => attempt)).toEqual([1, 2]);
    it.pending[0]?.succeed('late');
    expect(await it.outcome(call)).toBe('pending');
    it.pending[1]?.succeed('in time');

    expect(await it.outcome(call)).toBe('in time');
    expect(it.lab.clock.pendingTimers).toBe(0);
  });

  it('lets a late rejection pass that nobody handles', async () => {
    const it = await stage({ timeout: '2s' });
    const call = it.begin();
    await it.advance(2_000);
    it.pending[0]?.fail(new Error('late'));

    expect(await it.outcome(call)).toBe('DARUMA_CALL_TIMEOUT');
  });

  it('gives each attempt a signal of its own', async () => {
    const it = await stage({ timeout: '2s', retry: { backoff: { first: '1s', jitter: 'none' } } });
    it.begin();
    await it.advance(3_000);

    expect(it.pending.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it('counts the whole call in the total, with delays and waiting, and says what failed', async () => {
    const it = await stage({
      timeout: { total: '5s' },
      retry: { maxAttempts: 9, backoff: { first: '2s', jitter: 'none' } },
    });
    const call = failureOf(it.api.run(it.ctx, () => Promise.reject(no())));
    await it.advance(5_000);

    expect(await call).toMatchObject({
      code: 'DARUMA_CALL_TIMEOUT',
      message: 'A call of api took longer than 5s in all, with 2 attempts.',
      cause: no(),
    });
    expect(it.lab.clock.pendingTimers).toBe(0);
  });

  it('aborts the attempt that the total cuts off, and counts it as a failure of the other side', async () => {
    const it = await stage({ timeout: { total: '5s' }, breaker: { failures: 1 } });
    const call = it.begin();
    await it.advance(5_000);

    expect(await it.outcome(call)).toBe('DARUMA_CALL_TIMEOUT');
    expect(it.pending[0]?.signal.aborted).toBe(true);
    expect(it.breaker).toBe('open');
  });

  it('begins with the attempt, not while it waits for a place', async () => {
    const it = await stage({ timeout: '2s', bulkhead: { concurrency: 1, queue: 1 } });
    const [first, second] = [it.obedient(), it.begin()];
    await it.advance(2_000);
    expect(await it.outcome(first)).toBe('DARUMA_CALL_TIMEOUT');
    await it.advance(1_999);

    expect(await it.outcome(second)).toBe('pending');
  });

  it('makes no signal that nobody looks at', async () => {
    const it = await stage({ timeout: '2s' });
    const made: boolean[] = [];
    const { AbortController: real } = globalThis;
    globalThis.AbortController = class extends real {
      constructor() {
        super();
        made.push(true);
      }
    };
    try {
      await it.succeed();
    } finally {
      globalThis.AbortController = real;
    }

    expect(made).toEqual([]);
  });
});
