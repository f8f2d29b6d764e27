import { describe, expect, it } from 'vitest';
import { Job, Workshop } from './workshop.ts';

describe('a task', () => {
  it('is pending when it was accepted, running while its function runs, then completed', async () => {
    const shop = await new Workshop().start();
    const job = new Job();

    const { result } = shop.worker.submit('import', job.run);
    expect(shop.worker.status('import')).toMatchObject({ status: 'pending', attempt: 0 });
    expect(job.contexts).toEqual([]);

    await shop.clock.settle();
    expect(shop.worker.status('import')).toMatchObject({ status: 'running', attempt: 1 });

    job.finish(42);
    expect(await result).toBe(42);
    expect(shop.worker.status('import')).toMatchObject({ status: 'completed', result: 42 });
    expect(shop.story('import')).toEqual(['pending', 'running', 'completed']);
  });

  it('is tracked by name, and found under an id that was computed', async () => {
    const shop = await new Workshop().start();
    const user = 42;

    shop.worker.submit(`user-sync-${user}`, async () => `synced ${user}`);
    await shop.clock.settle();

    expect(shop.worker.status('user-sync-42')?.result).toBe('synced 42');
  });

  it('that ends at once is not lost, whether it is asynchronous or not', async () => {
    const shop = await new Workshop().start();

    const results = [
      shop.worker.submit('now', () => 1).result,
      shop.worker.submit('soon', async () => 2).result,
    ];

    expect(await Promise.all(results)).toEqual([1, 2]);
  });

  it('has times, and knows its input', async () => {
    const shop = await new Workshop({ concurrency: 1 }).start();
    const began = shop.clock.now();
    shop.worker.submit('first', (ctx) => ctx.sleep(100));
    shop.worker.submit('second', (ctx) => ctx.sleep(ctx.input.ms), { input: { ms: 50 } });
    await shop.clock.advance(200);

    expect(shop.worker.status('second')).toMatchObject({
      submittedAt: began,
      startedAt: began + 100,
      finishedAt: began + 150,
    });
  });

  it('has a context with time, chance and a log of its own', async () => {
    const shop = await new Workshop().start();
    const { result } = shop.worker.submit('look', (ctx) => ({
      id: ctx.id,
      attempt: ctx.attempt,
      now: ctx.now(),
      random: ctx.random(),
      bindings: ctx.log.bindings(),
    }));

    const seen = await result;
    expect(seen).toMatchObject({ id: 'look', attempt: 1, now: shop.clock.now() });
    expect(seen.random).toBeGreaterThanOrEqual(0);
    expect(seen.bindings).toEqual({ actor: 'app/worker', incarnation: 1, task: 'look' });
  });

  it('tells of its progress, ten times a second at most', async () => {
    const shop = await new Workshop().start();
    shop.worker.submit('import', async (ctx) => {
      ctx.progress({ done: 1, total: 4, text: 'rows' });
      ctx.progress({ done: 2, total: 4, text: 'rows' });
      await ctx.sleep(100);
      ctx.progress(0.75);
      await ctx.sleep('1h');
    });
    await shop.clock.settle();
    expect(shop.worker.status('import')?.progress).toEqual({
      fraction: 0.5,
      done: 2,
      total: 4,
      text: 'rows',
    });

    await shop.clock.advance(100);
    expect(shop.all('task-progress')).toMatchObject([
      { id: 'import', fraction: 0.25, done: 1, total: 4, text: 'rows' },
      { id: 'import', fraction: 0.75 },
    ]);
  });

  it('may be submitted by another task, and from outside the tree alike', async () => {
    const shop = await new Workshop({ concurrency: 1 }).start();
    const { worker } = shop;

    worker.submit('outer', () => {
      worker.submit('inner', () => 'done');
    });
    await shop.clock.settle();

    expect(worker.status('inner')?.result).toBe('done');
  });
});

describe('a task that fails', () => {
  const throwing: readonly [string, () => unknown, unknown][] = [
    [
      'throws at once',
      () => {
        throw new Error('no');
      },
      new Error('no'),
    ],
    ['rejects', () => Promise.reject(new Error('no')), new Error('no')],
    [
      'throws a text',
      () => {
        throw 'no';
      },
      'no',
    ],
    [
      'throws nothing',
      () => {
        throw undefined;
      },
      new TypeError('The task threw undefined instead of an error.'),
    ],
  ];

  it.each(throwing)('has failed with its cause: it %s', async (_how, run, cause) => {
    const shop = await new Workshop().start();
    const handle = shop.worker.submit('bad', run);
    const status = await handle.wait();

    expect(status.status).toBe('failed');
    expect(status.cause).toEqual(cause);
    expect(status.error?.message).toMatch(/no|undefined/);
    await expect(handle.result).rejects.toEqual(cause);
    expect(shop.system.find('app/worker')?.status()).toBe('running');
  });

  it('does not stop the worker, nor the other tasks', async () => {
    const shop = await new Workshop().start();
    const job = new Job();
    shop.worker.submit('good', job.run);
    shop.worker.submit('bad', () => {
      throw new Error('no');
    });
    await shop.clock.settle();

    job.finish();
    await shop.clock.settle();
    expect(shop.worker.status('good')?.status).toBe('completed');
    expect(shop.all('ended')).toEqual([]);
    expect(shop.all('task').at(-2)).toMatchObject({ id: 'bad', error: { message: 'no' } });
  });
});

describe('questions about tasks', () => {
  it('are answered with undefined for an id that nobody has', async () => {
    const shop = await new Workshop().start();

    expect(shop.worker.status('x')).toBeUndefined();
    expect(await shop.worker.wait('x')).toBeUndefined();
    expect(await shop.worker.cancel('x')).toBeUndefined();
    expect(shop.worker.has('x')).toBe(false);
  });

  it('count all, those that run, and those that wait', async () => {
    const shop = await new Workshop({ concurrency: 2 }).start();
    const { worker } = shop;
    worker.submit('done', () => 1);
    await shop.clock.settle();
    for (const id of ['a', 'b', 'c']) worker.submit(id, (ctx) => ctx.sleep('1h'));
    await shop.clock.settle();

    expect([worker.count(), worker.running(), worker.pending()]).toEqual([4, 2, 1]);
    expect(worker.all().map(({ id, status }) => `${id} ${status}`)).toEqual([
      'done completed',
      'a running',
      'b running',
      'c pending',
    ]);
    expect(['done', 'a', 'c'].map((id) => worker.has(id))).toEqual([true, true, true]);
  });

  it('wait for the end together, and get it at once where it has come', async () => {
    const shop = await new Workshop().start();
    const job = new Job();
    shop.worker.submit('job', job.run);
    const waits = [shop.worker.wait('job'), shop.worker.wait('job'), shop.worker.wait('job')];
    await shop.clock.settle();
    job.finish('x');

    for (const status of await Promise.all(waits)) expect(status?.result).toBe('x');
    expect((await shop.worker.wait('job'))?.status).toBe('completed');
  });
});

describe('ids', () => {
  it('are refused while a task with the same is not over', async () => {
    const shop = await new Workshop().start();
    const job = new Job();
    shop.worker.submit('job', job.run);

    expect(() => shop.worker.submit('job', () => 2)).toThrow(
      expect.objectContaining({ code: 'DARUMA_TASK_DUPLICATE' }),
    );
    await shop.clock.settle();
    job.finish(1);
    await shop.clock.settle();
    expect(shop.worker.status('job')?.result).toBe(1);
  });

  it('may be used again after the end; an old handle still points at the old task', async () => {
    const shop = await new Workshop().start();
    const old = shop.worker.submit('job', () => 1);
    await old.wait();
    shop.worker.submit('job', () => 2);
    await shop.clock.settle();

    expect(await old.result).toBe(1);
    expect(shop.worker.status('job')?.result).toBe(2);
    expect(shop.worker.count()).toBe(1);
  });

  it('are text that is not empty', async () => {
    const shop = await new Workshop().start();

    expect(() => shop.worker.submit('', () => 1)).toThrow(TypeError);
    expect(() => shop.worker.submit(7 as never, () => 1)).toThrow(TypeError);
  });
});
