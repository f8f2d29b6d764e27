import { describe, expect, it } from 'vitest';
import { NotRetryable, PolicyError } from '../../../src/index.ts';
import { failureOf } from '../../kernel/lab.ts';
import { no, stage } from './stage.ts';

const steady = { first: '1s', jitter: 'none' } as const;

/** How often a function is called that fails with this error. */
async function attemptsWith(error: unknown, options = {}): Promise<number> {
  const it = await stage({ retry: { maxAttempts: 3, backoff: steady, ...options } });
  let calls = 0;
  const call = it.api.run(it.ctx, () => {
    calls++;
    throw error;
  });
  await it.lab.errorOf(call);
  return calls;
}

describe('a retry', () => {
  it('makes three attempts with growing delays, none after the last, and throws what the last threw', async () => {
    const it = await stage({ retry: { backoff: steady } });
    const at: [number, number][] = [];
    const call = it.api.run(it.ctx, ({ attempt }) => {
      at.push([attempt, it.now]);
      throw new Error(`no ${attempt}`);
    });

    expect(await it.lab.errorOf(call)).toEqual(new Error('no 3'));
    expect(at).toEqual([
      [1, 0],
      [2, 1_000],
      [3, 3_000],
    ]);
    expect(it.now).toBe(3_000);
    expect(it.events('retry')).toMatchObject([
      { path: 'app/caller', incarnation: 1, attempt: 1, maxAttempts: 3, delayMs: 1_000 },
      { path: 'app/caller', incarnation: 1, attempt: 2, maxAttempts: 3, delayMs: 2_000 },
    ]);
  });

  it('returns what the first attempt returns that succeeds', async () => {
    const it = await stage({ retry: { backoff: steady } });
    const call = it.api.run(it.ctx, async ({ attempt }) => {
      if (attempt < 2) throw no();
      return attempt;
    });

    expect(await it.lab.until(call)).toBe(2);
  });

  it('never waits longer than max, however many attempts there are', async () => {
    const it = await stage({ retry: { maxAttempts: 60, backoff: { ...steady, max: '4s' } } });
    await it.lab.errorOf(
      it.api.run(it.ctx, () => {
        throw no();
      }),
    );
    const delays = it.events('retry').map(({ delayMs }) => delayMs);

    expect(delays.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 4_000]);
    expect(Math.max(...delays)).toBe(4_000);
    expect(delays).toHaveLength(59);
  });

  it('draws its delays from the seed of the system', async () => {
    const delays = async (seed: number) => {
      const it = await stage({ retry: { maxAttempts: 6 } }, { seed });
      await it.lab.errorOf(
        it.api.run(it.ctx, () => {
          throw no();
        }),
      );
      return it.events('retry').map(({ delayMs }) => delayMs);
    };

    expect(await delays(7)).toEqual(await delays(7));
    expect(await delays(7)).not.toEqual(await delays(8));
  });

  it('stops waiting at once when its service is stopped', async () => {
    const it = await stage({ retry: { backoff: { first: '10m', jitter: 'none', max: '10m' } } });
    const call = failureOf(
      it.api.run(it.ctx, () => {
        throw no();
      }),
    );
    await it.advance(1_000);
    const report = await it.lab.stop();

    expect(await call).toMatchObject({ code: 'DARUMA_CANCELLED' });
    expect(report.exitCode).toBe(0);
    expect(it.now).toBe(1_000);
    expect(it.lab.clock.pendingTimers).toBe(0);
  });

  it('never tries again after an abort, an open breaker or a NotRetryable, whatever retryable says', async () => {
    const aborted = Object.assign(new Error('aborted'), { name: 'AbortError' });
    const open = new PolicyError('DARUMA_CIRCUIT_OPEN', 'open', { policy: 'other' });
    const retryable = () => true;

    expect(await attemptsWith(aborted, { retryable })).toBe(1);
    expect(await attemptsWith(open, { retryable })).toBe(1);
    expect(await attemptsWith(new NotRetryable('no use'), { retryable })).toBe(1);
    expect(await attemptsWith(no(), { retryable })).toBe(3);
  });

  it('tries only again what is retryable', async () => {
    const retryable = (error: unknown) => !(error instanceof TypeError);

    expect(await attemptsWith(new TypeError('invalid'), { retryable })).toBe(1);
    expect(await attemptsWith(no(), { retryable })).toBe(3);
  });

  it('stops when its own breaker opens over it, without waiting for a refusal', async () => {
    const it = await stage({
      retry: { maxAttempts: 9, backoff: steady },
      breaker: { failures: 2, recovery: '10s' },
    });
    const error = await it.lab.errorOf(
      it.api.run(it.ctx, () => {
        throw no();
      }),
    );

    expect(error).toEqual(no());
    expect(it.now).toBe(1_000);
    expect(it.events('retry')).toHaveLength(1);
  });

  it('goes on when the breaker is half open again by the next attempt', async () => {
    const backoff = { first: '10s', jitter: 'none' } as const;
    const it = await stage({ retry: { backoff }, breaker: { failures: 1, recovery: '5s' } });
    const call = it.api.run(it.ctx, ({ attempt }) => {
      if (attempt === 1) throw no();
      return it.now;
    });

    expect(await it.lab.until(call)).toBe(10_000);
    expect(it.breaker).toBe('closed');
  });

  it('waits as long as the error asks, and gives up on one that asks for more than max', async () => {
    const busy = (retryAfterMs: number) => Object.assign(new Error('busy'), { retryAfterMs });
    const it = await stage({ retry: { maxAttempts: 2, backoff: { ...steady, max: '20s' } } });
    const run = (error: Error) =>
      it.lab.errorOf(
        it.api.run(it.ctx, () => {
          throw error;
        }),
      );
    await run(busy(7_500));
    expect(it.now).toBe(7_500);
    await run(busy(20_001));

    expect(it.now).toBe(7_500);
    expect(it.events('retry')).toHaveLength(1);
  });

  it('passes on whatever was thrown, and what retryable throws', async () => {
    expect(await attemptsWith(undefined)).toBe(3);
    const it = await stage({
      retry: {
        retryable: () => {
          throw new RangeError('oops');
        },
      },
    });

    expect(await it.outcome(it.api.run(it.ctx, () => Promise.reject(no())))).toBe('oops');
  });
});
