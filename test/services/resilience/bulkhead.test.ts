import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { stage } from './stage.ts';

describe('a bulkhead', () => {
  it('lets so many run at a time, and refuses the rest', async () => {
    const it = await stage({ bulkhead: { concurrency: 2 } });
    const calls = [it.begin(), it.begin(), it.begin()];

    expect(it.pending).toHaveLength(2);
    expect(await it.outcome(calls[2] as Promise<unknown>)).toBe('DARUMA_BULKHEAD_FULL');
    await expect(calls[2]).rejects.toMatchObject({
      path: 'app/caller',
      message: 'The bulkhead of api is full: 2 calls are running, and 0 of 0 wait.',
    });
    expect(it.api.state(it.lab.system).bulkhead).toEqual({ running: 2, waiting: 0 });
  });

  it('lets those that wait in as places are given back, in their order', async () => {
    const it = await stage({ bulkhead: { concurrency: 1, queue: 2 } });
    const order: number[] = [];
    const calls = [1, 2, 3].map((nth) =>
      it.api.run(it.ctx, async () => {
        order.push(nth);
        await it.lab.wait(1_000);
        if (nth === 1) throw new Error('also when it fails');
      }),
    );
    for (const call of calls) call.catch(() => {});
    expect(it.api.state(it.ctx).bulkhead).toEqual({ running: 1, waiting: 2 });
    expect(await it.outcome(it.begin())).toBe('DARUMA_BULKHEAD_FULL');
    await it.advance(3_000);

    expect(order).toEqual([1, 2, 3]);
    expect(it.api.state(it.ctx).bulkhead).toEqual({ running: 0, waiting: 0 });
  });

  it('forgets who is stopped while waiting, and keeps its place for the next', async () => {
    const it = await stage({ bulkhead: { concurrency: 1, queue: 1 } });
    it.begin();
    const waiting = it.begin();
    const stopped = it.lab.system.ref('app/caller').restart();
    stopped.catch(() => {});
    expect(await it.outcome(waiting)).toBe('DARUMA_CANCELLED');
    expect(it.api.state(it.lab.system).bulkhead).toEqual({ running: 0, waiting: 0 });
    await it.advance(10_000);

    expect(await it.outcome(it.succeed())).toBe('yes');
  });

  it('gives the place of an attempt back that ran into its timeout and obeys', async () => {
    const it = await stage({ timeout: '1s', bulkhead: { concurrency: 1, queue: 1 } });
    it.obedient();
    const second = it.begin();
    await it.advance(1_000);
    expect(it.pending).toHaveLength(2);
    it.pending[1]?.succeed('mine');

    expect(await it.outcome(second)).toBe('mine');
  });

  it('counts one that ignores its signal until it has come to an end', async () => {
    const it = await stage({ timeout: '1s', bulkhead: { concurrency: 1 } });
    const deaf = it.begin();
    await it.advance(1_000);
    expect(await it.outcome(deaf)).toBe('DARUMA_CALL_TIMEOUT');
    expect(await it.outcome(it.succeed())).toBe('DARUMA_BULKHEAD_FULL');
    it.pending[0]?.fail(new Error('at last'));
    await it.lab.clock.settle();

    expect(await it.outcome(it.succeed())).toBe('yes');
    expect(it.api.state(it.ctx).bulkhead).toEqual({ running: 0, waiting: 0 });
  });

  it('has the place of one that never ends back when its service is restarted', async () => {
    const it = await stage({ timeout: '1s', bulkhead: { concurrency: 1 } });
    it.begin();
    await it.advance(1_000);
    await it.lab.until(it.lab.system.ref('app/caller').restart());
    expect(await it.outcome(it.succeed())).toBe('yes');
    it.pending[0]?.succeed('much too late');
    await it.lab.clock.settle();

    expect(it.api.state(it.ctx).bulkhead).toEqual({ running: 0, waiting: 0 });
  });

  it('holds no place during the delay before another attempt', async () => {
    const retry = { maxAttempts: 2, backoff: { first: '10s', jitter: 'none' } } as const;
    const it = await stage({ bulkhead: { concurrency: 1 }, retry });
    const first = it.begin();
    it.pending[0]?.fail();
    await it.lab.clock.settle();

    expect(await it.outcome(it.succeed())).toBe('yes');
    await it.advance(10_000);
    it.pending[1]?.succeed('second attempt');
    expect(await it.outcome(first)).toBe('second attempt');
  });

  it('begins nothing for who is stopped just when it is let in', async () => {
    const it = await stage({ bulkhead: { concurrency: 1, queue: 1 } });
    let finish = (_value: unknown) => {};
    // biome-ignore lint/suspicious/noThenProperty: it settles on the spot, with nothing in between.
    const first = { then: (resolve: (value: unknown) => void) => (finish = resolve) };
    void it.api.run(it.ctx, () => first as unknown as PromiseLike<unknown>);
    const second = it.begin();
    finish('done');
    it.lab.system
      .ref('app/caller')
      .stop()
      .catch(() => {});

    expect(await it.outcome(second)).toBe('DARUMA_CANCELLED');
    expect(it.pending).toHaveLength(0);
    expect(it.api.state(it.lab.system).bulkhead).toEqual({ running: 0, waiting: 0 });
  });

  it('runs each function in the async context of its own caller', async () => {
    const it = await stage({
      bulkhead: { concurrency: 1, queue: 5 },
      retry: { maxAttempts: 2, backoff: { first: '1s' } },
    });
    const caller = new AsyncLocalStorage<string>();
    const seen: string[] = [];
    const calls = ['one', 'two', 'three'].map((name) =>
      caller.run(name, () =>
        it.api.run(it.ctx, async ({ attempt }) => {
          seen.push(`${name} as ${caller.getStore()}`);
          await it.lab.wait(10);
          if (attempt === 1) throw new Error('once more');
        }),
      ),
    );
    await it.advance(10_000);
    await Promise.all(calls);

    expect([...new Set(seen)].sort()).toEqual(['one as one', 'three as three', 'two as two']);
    expect(seen).toHaveLength(6);
  });
});
