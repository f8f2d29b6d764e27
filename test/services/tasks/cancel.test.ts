import { describe, expect, it } from 'vitest';
import { deaf, failureOf } from '../../kernel/lab.ts';
import { Job, Workshop } from './workshop.ts';

describe('a cancel', () => {
  it('of a task that has not begun keeps it from ever running', async () => {
    const shop = await new Workshop({ concurrency: 1 }).start();
    const job = new Job();
    shop.worker.submit('first', (ctx) => ctx.sleep(100));
    shop.worker.submit('second', job.run);
    await shop.clock.settle();

    expect(await shop.worker.cancel('second')).toMatchObject({ status: 'cancelled', attempt: 0 });
    await shop.clock.advance(1_000);
    expect(job.contexts).toEqual([]);
    expect(shop.story('second')).toEqual(['pending', 'cancelled']);
  });

  it('in the turn of the submit keeps it from ever running', async () => {
    const shop = await new Workshop().start();
    const job = new Job();
    const handle = shop.worker.submit('job', job.run);

    expect((await handle.cancel()).status).toBe('cancelled');
    expect(job.contexts).toEqual([]);
  });

  it('cancels the signal, and waits for the end', async () => {
    const shop = await new Workshop().start();
    const handle = shop.worker.submit('job', async (ctx) => {
      await ctx.sleep('1h').catch(() => {});
      // The cleanup takes its time.
      await shop.wait(300);
      ctx.signal.throwIfAborted();
    });
    await shop.clock.settle();
    const failure = failureOf(handle.result);

    const cancelled = handle.cancel();
    await shop.clock.settle();
    expect(handle.status().status).toBe('stopping');

    await shop.clock.advance(300);
    expect(await cancelled).toMatchObject({ status: 'cancelled', error: undefined });
    expect(await failure).toMatchObject({ code: 'DARUMA_CANCELLED', name: 'AbortError' });
    expect(shop.story('job')).toEqual(['pending', 'running', 'stopping', 'cancelled']);
  });

  it('stops a task that looks at its signal from time to time', async () => {
    const shop = await new Workshop().start();
    let rounds = 0;
    shop.worker.submit('job', async (ctx) => {
      while (!ctx.signal.aborted) {
        rounds++;
        await shop.wait(100);
      }
    });
    await shop.clock.advance(250);
    const cancelled = shop.worker.cancel('job');
    await shop.clock.advance(100);

    expect((await cancelled)?.status).toBe('cancelled');
    expect(rounds).toBe(3);
  });

  it('wins when the result comes in the same turn', async () => {
    const shop = await new Workshop().start();
    const job = new Job();
    shop.worker.submit('job', job.run);
    await shop.clock.settle();

    job.finish('done');
    const cancelled = shop.worker.cancel('job');

    expect((await cancelled)?.status).toBe('cancelled');
    expect(shop.clock.pendingTimers).toBe(1); // that of its age
  });

  it('tells the truth about one that completes all the same', async () => {
    const shop = await new Workshop().start();
    const handle = shop.worker.submit('job', async () => {
      await shop.wait(100);
    });
    await shop.clock.settle();
    const cancelled = handle.cancel();
    await shop.clock.advance(100);

    expect((await cancelled).status).toBe('completed');
  });

  it('tells the truth about one that returns a result although it watches its signal', async () => {
    const shop = await new Workshop().start();
    const handle = shop.worker.submit('job', async (ctx) => {
      const { signal } = ctx;
      await shop.wait(100);
      return signal.aborted ? 'half' : 'all';
    });
    await shop.clock.settle();
    const cancelled = handle.cancel();
    await shop.clock.advance(100);

    expect(await cancelled).toMatchObject({ status: 'completed', result: 'half' });
    expect(await handle.result).toBe('half');
  });

  it('tells the truth about one that fails of something else', async () => {
    const shop = await new Workshop().start();
    const handle = shop.worker.submit('job', async () => {
      await shop.wait(100);
      throw new Error('disk full');
    });
    await shop.clock.settle();
    const cancelled = handle.cancel();
    await shop.clock.advance(100);

    expect(await cancelled).toMatchObject({ status: 'failed', error: { message: 'disk full' } });
  });

  it('is not retried', async () => {
    const shop = await new Workshop().start();
    const retry = { maxAttempts: 5, backoff: { first: 10 } };
    const handle = shop.worker.submit('job', (ctx) => ctx.sleep('1h'), { retry });
    await shop.clock.settle();

    expect(await handle.cancel()).toMatchObject({ status: 'cancelled', attempt: 1 });
  });

  it('of one that waits for its next attempt ends it', async () => {
    const shop = await new Workshop().start();
    const retry = { backoff: { first: '1m', max: '1m', jitter: 'none' } } as const;
    const handle = shop.worker.submit('job', () => Promise.reject(new Error('no')), { retry });
    await shop.clock.settle();
    expect(handle.status().status).toBe('backoff');

    expect(await handle.cancel()).toMatchObject({
      status: 'cancelled',
      attempt: 1,
      error: { message: 'no' },
    });
  });

  it('of one that is over changes nothing, and says what it was', async () => {
    const shop = await new Workshop().start();
    const handle = shop.worker.submit('job', () => 1);
    await handle.wait();

    expect((await handle.cancel()).status).toBe('completed');
    expect((await shop.worker.cancel('job'))?.status).toBe('completed');
  });

  it('of one leaves the others alone', async () => {
    const shop = await new Workshop().start();
    const signals: AbortSignal[] = [];
    for (const id of ['a', 'b']) {
      shop.worker.submit(id, (ctx) => {
        signals.push(ctx.signal);
        return ctx.sleep('1h');
      });
    }
    await shop.clock.settle();
    await shop.worker.cancel('a');

    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });
});

describe('a task that does not end', () => {
  it('is abandoned after its limit, and its place is free', async () => {
    const shop = await new Workshop({ concurrency: 1 }).start();
    const handle = shop.worker.submit('stuck', deaf);
    shop.worker.submit('next', () => 'done');
    await shop.clock.settle();
    const cancelled = handle.cancel();
    const failure = failureOf(handle.result);

    await shop.clock.advance(4_999);
    expect(handle.status().status).toBe('stopping');
    expect(shop.worker.running()).toBe(1);

    await shop.clock.advance(1);
    expect((await cancelled).status).toBe('abandoned');
    expect(await failure).toMatchObject({ code: 'DARUMA_TASK_ABANDONED' });
    expect(shop.worker.status('next')?.result).toBe('done');
  });

  it('is fenced off: what it still does does not count', async () => {
    const shop = await new Workshop().start();
    const job = new Job();
    const handle = shop.worker.submit('stuck', job.run, { cancelWithin: '1s' });
    await shop.clock.settle();
    const { context } = job;
    void handle.cancel();
    await shop.clock.advance(1_000);

    expect(() => context.progress(1)).toThrow(
      expect.objectContaining({ code: 'DARUMA_STALE_INCARNATION' }),
    );
    job.finish('late');
    await shop.clock.settle();
    expect(handle.status()).toMatchObject({ status: 'abandoned', result: undefined });
    await expect(context.sleep(1)).rejects.toMatchObject({ name: 'AbortError' });
    expect(context.signal.aborted).toBe(true);
  });
});

describe('a context whose attempt is over', () => {
  it('can do nothing any more', async () => {
    const shop = await new Workshop().start();
    const job = new Job();
    shop.worker.submit('job', job.run);
    await shop.clock.settle();
    const { context } = job;
    job.finish();
    await shop.clock.settle();

    expect(() => context.progress(1)).toThrow(
      expect.objectContaining({ code: 'DARUMA_STALE_INCARNATION' }),
    );
    await expect(context.sleep(1)).rejects.toMatchObject({ code: 'DARUMA_CANCELLED' });
    expect(context.signal.aborted).toBe(true);
  });

  it('ends what was given its signal', async () => {
    const shop = await new Workshop().start();
    let signal: AbortSignal | undefined;
    shop.worker.submit('job', (ctx) => {
      signal = ctx.signal;
    });
    await shop.clock.settle();

    expect(signal?.aborted).toBe(true);
  });
});
