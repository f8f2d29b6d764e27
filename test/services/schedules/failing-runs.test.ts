import { describe, expect, it } from 'vitest';
import { cron, every, isDarumaError, NotRetryable } from '../../../src/index.ts';
import { deaf } from '../../kernel/lab.ts';
import { Job, Stage } from './stage.ts';

function failing(error: unknown = new Error('no network')) {
  return () => {
    throw error;
  };
}

describe('a run that fails', () => {
  it('is reported, and the next tick happens all the same, at its time', async () => {
    const sync = every('sync', '1m', failing());
    const stage = await Stage.of(sync);

    await stage.clock.advance(3 * 60_000);

    expect(stage.begun()).toEqual([60_000, 120_000, 180_000]);
    expect(stage.runs('failed').map(({ error }) => error?.message)).toEqual(
      Array(3).fill('no network'),
    );
    expect(stage.system.ref('app/sync').status()).toBe('running');
    expect(stage.handle(sync).counts).toMatchObject({ failed: 3, completed: 0 });
    await stage.stop();
  });

  it('leaves other schedules alone', async () => {
    const stage = await Stage.of(
      cron('backup', '0 * * * *', failing('disk full')),
      cron('cleanup', '0 * * * *', () => Promise.reject(undefined)),
      cron('report', '0 * * * *', () => {}),
    );

    await stage.clock.advance(3_600_000);

    expect(stage.runs('completed').map(({ path }) => path)).toEqual(['app/report']);
    expect(stage.runs('failed').map(({ path, error }) => [path, error?.message])).toEqual([
      ['app/backup', 'string: disk full'],
      ['app/cleanup', 'The work threw undefined instead of an error.'],
    ]);
    await stage.stop();
  });

  it('is none when only whoever was told of its success failed', async () => {
    const backup = cron('backup', '0 2 * * *', () => {});
    const stage = await Stage.of(backup);
    stage.system.events$.subscribe((event) => {
      if (event.type === 'schedule-run' && event.status === 'completed') throw new Error('no mail');
    });

    await stage.clock.advance(3 * 3_600_000);

    expect(stage.handle(backup).last).toMatchObject({ status: 'completed' });
    expect(stage.runs('failed')).toEqual([]);
    expect(stage.all('listener-failed')).toMatchObject([{ error: { message: 'no mail' } }]);
    await stage.stop();
  });

  it('is not tried again when it says that this is of no use', async () => {
    const stage = await Stage.of(
      every('sync', '1m', { retry: { maxAttempts: 3 } }, failing(new NotRetryable('closed'))),
    );

    await stage.clock.advance(100_000);

    expect(stage.runs('retrying')).toEqual([]);
    expect(stage.runs('failed')).toMatchObject([{ attempts: 1 }]);
    await stage.stop();
  });

  it('is tried again as often and as late as its retry says, as the same run', async () => {
    const attempts: [run: number, attempt: number, at: number][] = [];
    const backoff = { first: '1s', factor: 3, jitter: 'none' } as const;
    const stage = await Stage.of(
      every('sync', '1m', { retry: { maxAttempts: 3, backoff } }, (ctx) => {
        attempts.push([ctx.run, ctx.attempt, stage.clock.monotonic()]);
        throw new Error('no network');
      }),
    );

    await stage.clock.advance(65_000);

    expect(attempts).toEqual([
      [1, 1, 60_000],
      [1, 2, 61_000],
      [1, 3, 64_000],
    ]);
    expect(stage.runs('retrying').map(({ delayMs }) => delayMs)).toEqual([1_000, 3_000]);
    expect(stage.runs('failed')).toMatchObject([{ attempts: 3, tookMs: 4_000 }]);
    await stage.stop();
  });

  it('is done when a later attempt succeeds', async () => {
    const options = { retry: { maxAttempts: 3 } } as const;
    const stage = await Stage.of(
      every('sync', '1m', options, (ctx) => {
        if (ctx.attempt < 2) throw new Error('no network');
      }),
    );

    await stage.clock.advance(70_000);

    expect(stage.runs('completed')).toMatchObject([{ attempts: 2 }]);
    expect(stage.runs('completed')[0]).not.toHaveProperty('error');
    expect(stage.runs('failed')).toEqual([]);
    await stage.stop();
  });

  it('ends the schedule as a failure of the service after failAfter in a row', async () => {
    let calls = 0;
    const options = { failAfter: 3, backoff: { first: '1s', jitter: 'none' } } as const;
    const stage = await Stage.of(
      every('sync', '1m', options, () => {
        calls++;
        if (calls !== 2) throw new Error(`no ${calls}`);
      }),
    );

    await stage.clock.advance(4 * 60_000);
    expect(stage.all('backoff')).toEqual([]);
    await stage.clock.advance(60_000);

    const [backoff] = stage.all('backoff');
    expect(backoff).toMatchObject({ at: 300_000, error: { code: 'DARUMA_SCHEDULE_FAILED' } });
    await stage.clock.advance(61_000);
    expect(stage.begun().at(-1)).toBe(300_000 + 1_000 + 60_000);
    await stage.stop();
  });

  it('gives back what it acquired, and that of every attempt, before the next begins', async () => {
    const log: string[] = [];
    const backoff = { first: '1s', jitter: 'none' } as const;
    const stage = await Stage.of(
      every('sync', '1m', { retry: { maxAttempts: 2, backoff } }, (ctx) => {
        ctx.defer(() => log.push(`closed ${ctx.attempt}`));
        ctx.use({ [Symbol.dispose]: () => log.push(`disposed ${ctx.attempt}`) });
        log.push(`opened ${ctx.attempt}`);
        if (ctx.attempt === 1) throw new Error('no');
      }),
    );

    await stage.clock.advance(61_000);

    expect(log).toEqual([
      ...['opened 1', 'disposed 1', 'closed 1'],
      ...['opened 2', 'disposed 2', 'closed 2'],
    ]);
    await stage.stop();
  });

  it('fails when its cleanup does', async () => {
    const stage = await Stage.of(every('sync', '1m', (ctx) => ctx.defer(failing())));

    await stage.clock.advance(60_000);

    expect(stage.runs('failed')).toMatchObject([{ error: { message: 'no network' } }]);
    await stage.stop();
  });
});

describe('the timeout of a run', () => {
  it('cancels the signal of the attempt, which has failed then and is tried again', async () => {
    const job = new Job();
    const backoff = { first: '1s', jitter: 'none' } as const;
    const options = { timeout: '10s', retry: { maxAttempts: 2, backoff } } as const;
    const stage = await Stage.of(every('sync', '1m', options, job.work));

    await stage.clock.advance(71_000);
    expect(job.calls.map(({ ctx }) => ctx.signal.aborted)).toEqual([true, false]);
    expect(stage.runs('retrying')).toMatchObject([{ error: { code: 'DARUMA_RUN_TIMEOUT' } }]);
    await stage.clock.advance(10_000);

    expect(stage.runs('failed')).toMatchObject([{ error: { code: 'DARUMA_RUN_TIMEOUT' } }]);
    expect(isDarumaError(job.call.ctx.signal.reason)).toBe(true);
    expect(job.most).toBe(1);
    await stage.stop();
  });

  it('fails the service when the attempt does not end, so that nothing runs beside it', async () => {
    const options = { timeout: '10s', stopWithin: '2s', backoff: { jitter: 'none' } } as const;
    const stage = await Stage.of(every('stuck', '1m', options, () => deaf()));

    await stage.clock.advance(72_000);
    expect(stage.system.ref('app/stuck').status()).toBe('stopping');
    await stage.clock.advance(2_100);

    expect(stage.log('app/stuck').slice(2)).toEqual([
      'schedule-run app/stuck',
      'unstopped app/stuck',
      'backoff app/stuck',
      'starting app/stuck',
      'ready app/stuck',
    ]);
    expect(stage.all('backoff')).toMatchObject([{ error: { code: 'DARUMA_RUN_STUCK' } }]);
    await stage.stop();
  });
});
