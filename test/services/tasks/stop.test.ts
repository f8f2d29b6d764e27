import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { deaf, failureOf } from '../../kernel/lab.ts';
import { Job, path, Workshop } from './workshop.ts';

const stopping = expect.objectContaining({ code: 'DARUMA_TASKS_STOPPING' });

describe('a stop of the worker', () => {
  it('cancels all at once, and waits for their ends beside each other', async () => {
    const shop = await new Workshop().start();
    for (let nth = 0; nth < 5; nth++) {
      shop.worker.submit(`job-${nth}`, async (ctx) => {
        await ctx.sleep('1h').catch(() => {});
        await shop.wait(900);
        ctx.signal.throwIfAborted();
      });
    }
    await shop.clock.settle();
    const { worker } = shop;
    await shop.until(shop.system.ref(path).stop());

    expect(shop.clock.monotonic()).toBe(900);
    expect(worker.all().map(({ status }) => status)).toEqual(Array(5).fill('cancelled'));
  });

  it('answers whoever waits, and refuses what comes', async () => {
    const shop = await new Workshop({ concurrency: 1 }).start();
    const { worker } = shop;
    const first = worker.submit('first', (ctx) => ctx.sleep('1h'));
    const second = worker.submit('second', (ctx) => ctx.sleep('1h'));
    await shop.clock.settle();
    const failures = [failureOf(first.result), failureOf(second.result)];
    const waits = [worker.wait('first'), worker.wait('second')];
    await shop.until(shop.system.ref(path).stop());

    for (const failure of await Promise.all(failures)) {
      expect(failure).toMatchObject({ code: 'DARUMA_CANCELLED', path });
    }
    expect((await Promise.all(waits)).map((status) => status?.status)).toEqual([
      'cancelled',
      'cancelled',
    ]);
    expect(() => worker.submit('third', () => 1)).toThrow(stopping);
  });

  it('abandons all that do not end within its stopWithin, together, and names them', async () => {
    const shop = await new Workshop({ stopWithin: '2s' }).start();
    const { worker } = shop;
    for (let nth = 0; nth < 7; nth++) worker.submit(`stuck-${nth}`, deaf);
    worker.submit('good', (ctx) => ctx.sleep('1h'));
    await shop.clock.settle();
    const waits = worker.all().map(({ id }) => worker.wait(id));
    const report = await shop.stop();

    expect(report.unstopped).toEqual([path]);
    // Half of the grace for the drain, and then its stopWithin, once for all.
    expect(shop.clock.monotonic()).toBe(12_000 + 2_000);
    const abandoned = shop.all('task').filter(({ status }) => status === 'abandoned');
    expect(abandoned.map(({ id }) => id)).toEqual(
      Array.from({ length: 7 }, (_, nth) => `stuck-${nth}`),
    );
    expect((await Promise.all(waits)).map((status) => status?.status)).toEqual([
      ...Array(7).fill('abandoned'),
      'cancelled',
    ]);
    expect(shop.clock.pendingTimers).toBe(0);
  });

  it('gives those who are just being cancelled what they have', async () => {
    const shop = await new Workshop({ stopWithin: '10s' }).start();
    const { worker } = shop;
    const handle = worker.submit('stuck', deaf, { cancelWithin: '1s' });
    await shop.clock.settle();
    void handle.cancel();
    await shop.clock.advance(500);
    await shop.until(shop.system.ref(path).stop());

    expect(handle.status().status).toBe('abandoned');
    expect(shop.clock.monotonic()).toBe(1_000);
  });

  it('that is brutal abandons what runs at once', async () => {
    const shop = await new Workshop({ stopWithin: 'brutal' }).start();
    const { worker } = shop;
    const running = worker.submit('running', deaf);
    await shop.clock.settle();
    worker.pause();
    const waiting = worker.submit('waiting', deaf);
    const ends = [running.wait(), waiting.wait()];
    await shop.stop();

    expect((await Promise.all(ends)).map(({ status }) => status)).toEqual([
      'abandoned',
      'cancelled',
    ]);
    expect(shop.story('running').at(-1)).toBe('abandoned');
  });

  it('with nothing to do is over at once', async () => {
    const shop = await new Workshop().start();
    await shop.stop();

    expect(shop.clock.monotonic()).toBe(0);
  });
});

describe('a restart of the worker', () => {
  it('begins with an empty one, and settles what the old one had', async () => {
    const shop = await new Workshop().start();
    const old = shop.worker;
    const handle = old.submit('job', (ctx) => ctx.sleep('1h'));
    await shop.clock.settle();
    const failure = failureOf(handle.result);
    await shop.until(shop.system.ref(path).restart());

    expect(await failure).toMatchObject({ code: 'DARUMA_CANCELLED' });
    expect(shop.worker).not.toBe(old);
    expect(shop.worker.count()).toBe(0);
    expect(() => old.submit('job', () => 1)).toThrow(stopping);
    shop.worker.submit('job', () => 1);
    await shop.clock.settle();
    expect(shop.worker.status('job')?.result).toBe(1);
  });
});

describe('a drain', () => {
  it('lets what runs end, cancels what waits, and takes nothing in', async () => {
    const shop = await new Workshop({ concurrency: 1 }).start();
    const { worker } = shop;
    const running = worker.submit('running', (ctx) => ctx.sleep('3s'));
    const waiting = worker.submit('waiting', (ctx) => ctx.sleep('3s'));
    await shop.clock.settle();
    const stopped = shop.system.stop();
    await shop.clock.settle();

    expect((await waiting.wait()).status).toBe('cancelled');
    expect(() => worker.submit('third', () => 1)).toThrow(stopping);
    expect((await shop.until(running.wait())).status).toBe('completed');
    await shop.until(stopped);
    expect(shop.clock.monotonic()).toBe(3_000);
  });

  it('takes half of the time at most; what is left is cancelled', async () => {
    const shop = await new Workshop().start();
    const handle = shop.worker.submit('long', (ctx) => ctx.sleep('1h'));
    await shop.clock.settle();
    await shop.stop();

    expect((await handle.wait()).status).toBe('cancelled');
    expect(shop.clock.monotonic()).toBe(12_000);
  });

  it('begins no further attempt of what fails meanwhile', async () => {
    const shop = await new Workshop().start();
    const job = new Job();
    const handle = shop.worker.submit('job', job.run, { retry: { maxAttempts: 5 } });
    await shop.clock.settle();
    const stopped = shop.system.stop();
    await shop.clock.settle();
    job.fail(new Error('no'));
    await shop.until(stopped);

    expect(handle.status()).toMatchObject({ status: 'cancelled', attempt: 1 });
    expect(handle.status().error?.message).toBe('no');
    expect(shop.clock.monotonic()).toBe(0);
  });
});

describe('what the log says', () => {
  /** The lines of the worker at info and above, or at all. */
  async function logged(level: string, submit: (shop: Workshop) => void): Promise<string[]> {
    const lines: string[] = [];
    const write = (line: string) => {
      const { actor, msg, task } = JSON.parse(line);
      if (actor === path) lines.push(task === undefined ? msg : `${task}: ${msg}`);
    };
    const shop = await new Workshop({}, { logger: pino({ level }, { write }) }).start();
    submit(shop);
    await shop.clock.settle();
    lines.length = 0;
    await shop.until(shop.system.ref(path).stop());
    return lines;
  }

  it('of a stop: how many it cancels, and that all have stopped', async () => {
    const lines = await logged('info', ({ worker }) => {
      worker.submit('one', (ctx) => ctx.sleep('1h'));
      worker.submit('two', (ctx) => ctx.sleep('1h'));
    });

    expect(lines).toEqual(['stopping, cancelling 2 tasks', 'all tasks have stopped']);
  });

  it('of a stop that is not obeyed: who did not', async () => {
    const lines = await logged('info', ({ worker }) => {
      worker.submit('good', (ctx) => ctx.sleep('1h'));
      worker.submit('stuck', deaf);
    });

    expect(lines).toEqual([
      'stopping, cancelling 2 tasks',
      expect.stringContaining("task 'stuck' did not stop and was abandoned after 5s"),
      'did not stop within 5s and was abandoned',
    ]);
  });

  it('of a stop with nothing to do: that there was nothing', async () => {
    expect(await logged('debug', () => {})).toContain('stopping with no active tasks');
  });

  it('of a task that nobody knows: that there is none to cancel', async () => {
    const lines: string[] = [];
    const write = (line: string) => void lines.push(JSON.parse(line).msg);
    const shop = await new Workshop({}, { logger: pino({ level: 'warn' }, { write }) }).start();
    await shop.worker.cancel('x');

    expect(lines).toEqual(["there is no task 'x' to cancel"]);
  });
});
