import { describe, expect, it } from 'vitest';
import { NotRetryable } from '../../../src/index.ts';
import { deaf } from '../../kernel/lab.ts';
import { Workshop } from './workshop.ts';

const backoff = { first: '1s', max: '3s', jitter: 'none' } as const;
const fails = (ctx: { attempt: number }) => {
  throw new Error(`attempt ${ctx.attempt}`);
};

describe('a retry', () => {
  it('comes after a growing delay, up to the number of attempts', async () => {
    const shop = await new Workshop().start();
    const handle = shop.worker.submit('job', fails, { retry: { maxAttempts: 4, backoff } });
    await shop.until(handle.wait());

    const told = shop.all('task').map(({ at, status, delayMs }) => [at, status, delayMs ?? 0]);
    expect(told.filter(([, status]) => status !== 'pending')).toEqual([
      [0, 'running', 0],
      [0, 'backoff', 1_000],
      [1_000, 'running', 0],
      [1_000, 'backoff', 2_000],
      [3_000, 'running', 0],
      [3_000, 'backoff', 3_000],
      [6_000, 'running', 0],
      [6_000, 'failed', 0],
    ]);
    expect(handle.status()).toMatchObject({ attempt: 4, error: { message: 'attempt 4' } });
  });

  it('may succeed', async () => {
    const shop = await new Workshop().start();
    const run = (ctx: { attempt: number }) => (ctx.attempt < 3 ? fails(ctx) : 'third');
    const handle = shop.worker.submit('job', run, { retry: {} });
    await shop.until(handle.wait());

    expect(handle.status()).toMatchObject({ status: 'completed', attempt: 3, error: undefined });
    expect(await handle.result).toBe('third');
  });

  it('is not tried for an error that the task says is final', async () => {
    const shop = await new Workshop().start();
    const seen: [string, number][] = [];
    const retryable = (error: unknown, attempt: number) => {
      seen.push([(error as Error).message, attempt]);
      return attempt < 2;
    };
    const handle = shop.worker.submit('job', fails, { retry: { maxAttempts: 9, retryable } });

    expect(await shop.until(handle.wait())).toMatchObject({ status: 'failed', attempt: 2 });
    expect(seen).toEqual([
      ['attempt 1', 1],
      ['attempt 2', 2],
    ]);
  });

  it('is not tried for an error that says so itself', async () => {
    const shop = await new Workshop().start();
    const run = () => {
      throw new NotRetryable('no such customer');
    };
    const handle = shop.worker.submit('job', run, { retry: { maxAttempts: 9 } });

    expect(await shop.until(handle.wait())).toMatchObject({ status: 'failed', attempt: 1 });
  });

  it('is tried when the question itself fails', async () => {
    const shop = await new Workshop().start();
    const retryable = () => {
      throw new Error('a bug in retryable');
    };
    const handle = shop.worker.submit('job', fails, { retry: { maxAttempts: 2, retryable } });

    expect(await shop.until(handle.wait())).toMatchObject({ attempt: 2 });
    expect(shop.all('stray-error')).toMatchObject([
      { path: 'app/worker', task: 'job', error: { message: 'a bug in retryable' } },
    ]);
  });

  it('holds no place while it waits, and gets in line again', async () => {
    const shop = await new Workshop({ concurrency: 1 }).start();
    shop.worker.submit('job', fails, { retry: { maxAttempts: 2, backoff } });
    shop.worker.submit('other', (ctx) => ctx.sleep('2s'));
    await shop.clock.advance(1_000);
    expect(shop.worker.status('job')?.status).toBe('pending');

    await shop.clock.advance(1_000);
    expect(shop.worker.status('job')).toMatchObject({ status: 'failed', attempt: 2 });
  });
});

describe('a timeout', () => {
  it('counts from the begin of an attempt, not while it waits', async () => {
    const shop = await new Workshop({ concurrency: 1 }).start();
    shop.worker.submit('first', (ctx) => ctx.sleep('10s'));
    const handle = shop.worker.submit('second', (ctx) => ctx.sleep('1h'), { timeout: '3s' });
    await shop.clock.advance(12_999);
    expect(handle.status().status).toBe('running');

    await shop.clock.advance(1);
    expect(handle.status()).toMatchObject({
      status: 'failed',
      error: { code: 'DARUMA_TASK_TIMEOUT', message: expect.stringContaining('3s') },
    });
  });

  it('fails an attempt, so that another may follow', async () => {
    const shop = await new Workshop().start();
    const run = (ctx: { attempt: number; sleep(ms: number): Promise<void> }) =>
      ctx.attempt === 1 ? ctx.sleep(60_000) : 'in time';
    const retry = { maxAttempts: 2, backoff };
    const handle = shop.worker.submit('job', run, { timeout: '1s', retry });

    expect(await shop.until(handle.wait())).toMatchObject({ status: 'completed', attempt: 2 });
  });

  it('makes what is returned after it worthless', async () => {
    const shop = await new Workshop().start();
    const handle = shop.worker.submit('job', () => shop.wait(1_500).then(() => 'late'), {
      timeout: '1s',
    });

    expect(await shop.until(handle.wait())).toMatchObject({ status: 'failed', result: undefined });
    expect(shop.clock.monotonic()).toBe(1_500);
  });

  it('never lets an attempt begin while the one before still runs', async () => {
    const shop = await new Workshop().start();
    const retry = { maxAttempts: 3, backoff };
    const handle = shop.worker.submit('job', deaf, { timeout: '1s', cancelWithin: '2s', retry });

    expect(await shop.until(handle.wait())).toMatchObject({ status: 'abandoned', attempt: 1 });
    expect(shop.clock.monotonic()).toBe(3_000);
  });

  it('that has passed gives way to a cancel: nothing is retried', async () => {
    const shop = await new Workshop().start();
    const handle = shop.worker.submit(
      'job',
      async (ctx) => {
        await ctx.sleep('1h').catch(() => {});
        await shop.wait(500);
        throw ctx.signal.reason;
      },
      { timeout: '1s', retry: { backoff } },
    );
    await shop.clock.advance(1_200);
    const cancelled = handle.cancel();
    await shop.clock.advance(400);

    expect(await cancelled).toMatchObject({ status: 'cancelled', attempt: 1 });
  });
});
