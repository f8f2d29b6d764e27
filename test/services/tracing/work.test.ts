import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { every, type RunContext, type TaskContext, task, topic } from '../../../src/index.ts';
import { stage } from '../resilience/stage.ts';
import { Stage } from '../schedules/stage.ts';
import { Workshop } from '../tasks/workshop.ts';
import { type Recorded, Spans } from './spans.ts';

const tracing = { lifecycle: false };
let spans: Spans;

beforeEach(() => {
  spans = new Spans().register();
});

afterEach(() => {
  expect(spans.open).toEqual([]);
  Spans.unregister();
});

const tookMs = ({ startTime, endTime }: Recorded) => Number(endTime) - Number(startTime);

describe('the span of a run', () => {
  const stageOf = (options: object, work: (ctx: RunContext) => unknown) =>
    new Stage([every('compact', '1m', options, work)], { tracing }).start();

  it('is around its work and its cleanup, in a trace of its own', async () => {
    const lab = await stageOf({}, async (ctx) => {
      ctx.defer(() => spans.make('unlock', () => {}));
      await ctx.sleep(40);
      spans.make('merge', () => {});
    });
    await spans.make('whatever goes on', () => lab.clock.advance(60_000 + 100));

    expect(spans.lines).toEqual([
      'whatever goes on',
      'run app/compact',
      'run app/compact > merge',
      'run app/compact > unlock',
    ]);
    expect(tookMs(spans.one('run app/compact'))).toBe(40);
    expect(spans.one('run app/compact').attributes).toEqual({
      'daruma.path': 'app/compact',
      'daruma.incarnation': 1,
      'daruma.run': 1,
      'daruma.due': '2026-01-01T00:01:00.000Z',
      'daruma.late_ms': 0,
      'daruma.by_hand': false,
      'daruma.attempts': 1,
      'daruma.outcome': 'completed',
    });
    await lab.stop();
  });

  it('is one over all attempts, each of which is noted, with the error of the last', async () => {
    let attempts = 0;
    const retry = { maxAttempts: 2, backoff: { first: '1s', jitter: 'none' } };
    const lab = await stageOf({ retry }, () => {
      throw new Error(`disk ${++attempts}`);
    });
    await lab.clock.advance(62_000);

    const { attributes, errors, notes } = spans.one('run app/compact');
    expect(attributes).toMatchObject({ 'daruma.attempts': 2, 'daruma.outcome': 'failed' });
    expect(errors).toEqual(['disk 2']);
    expect(notes).toEqual([
      {
        name: 'retry',
        attributes: { 'daruma.attempt': 1, 'daruma.delay_ms': 1_000, 'error.message': 'disk 1' },
      },
    ]);
    await lab.stop();
  });

  it('is below whoever asked for it by hand', async () => {
    const compact = every('compact', '1h', () => {});
    const lab = await new Stage([compact], { tracing }).start();
    await spans.make('request', () => lab.until(lab.handle(compact).runNow()));

    expect(spans.lines).toEqual(['request', 'request > run app/compact']);
    expect(spans.one('run app/compact').attributes['daruma.by_hand']).toBe(true);
    await lab.stop();
  });

  it('ends with a stop, and with a run that never ends', async () => {
    const obedient = await stageOf({}, (ctx) => ctx.sleep('1h'));
    await obedient.clock.advance(60_000);
    await obedient.stop();
    const stuck = await stageOf({ stopWithin: '1s' }, () => new Promise(() => {}));
    await stuck.clock.advance(60_000);
    await stuck.stop();

    expect(spans.all.map(({ outcome }) => outcome)).toEqual(['cancelled', 'abandoned']);
  });
});

describe('the span of a task', () => {
  const shop = async (options = {}) => {
    const lab = new Workshop(options, { tracing });
    await lab.start();
    return lab;
  };

  it('is around each attempt, below whoever submitted it', async () => {
    const lab = await shop();
    const resize = task('resize', { retry: { backoff: { first: '1s' } } }, (ctx: TaskContext) => {
      spans.make('read', () => {});
      if (ctx.attempt === 1) throw new TypeError('no such file');
    });
    const { result } = spans.make('request', () => lab.worker.submit('resize-7', resize));
    await lab.until(result);

    expect(spans.lines).toEqual([
      'request',
      'request > task resize',
      'request > task resize > read',
      'request > task resize',
      'request > task resize > read',
    ]);
    const [first, second] = spans.named('task resize');
    expect([first?.outcome, first?.errors]).toEqual(['failed', ['no such file']]);
    expect(second?.attributes).toEqual({
      'daruma.path': 'app/worker',
      'daruma.incarnation': 1,
      'daruma.task.id': 'resize-7',
      'daruma.attempt': 2,
      'daruma.outcome': 'completed',
    });
    await lab.stop();
  });

  it('says whether it was cancelled, took too long, or was abandoned', async () => {
    const lab = await shop();
    const sleep = (ctx: TaskContext<undefined>) => ctx.sleep('1h');
    const stuck = () => new Promise<never>(() => {});
    for (const cancelled of ['a', 'b']) {
      lab.worker.submit(cancelled, cancelled === 'a' ? sleep : stuck);
      await lab.clock.settle();
      await lab.until(lab.worker.cancel(cancelled));
    }
    await lab.until(lab.worker.submit('c', sleep, { timeout: '1s' }).wait());

    expect(spans.all.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['task app/worker', 'cancelled'],
      ['task app/worker', 'abandoned'],
      ['task app/worker', 'failed'],
    ]);
    expect(spans.all.map(({ attributes }) => attributes['error.type'])).toEqual([
      undefined,
      'DARUMA_TASK_ABANDONED',
      'DARUMA_TASK_TIMEOUT',
    ]);
    await lab.stop();
  });

  it('ends with its function, whatever comes of a handler that it leaves behind', async () => {
    const lab = await shop();
    const rows = topic('rows');
    const { promise, resolve } = Promise.withResolvers<void>();
    const handle = lab.worker.submit('import', ({ bus }) => {
      bus.on(rows, () => new Promise(() => {}));
      return promise;
    });
    await lab.clock.settle();
    lab.system.bus.emit(rows);
    await lab.clock.settle();
    resolve();
    await lab.clock.settle();

    expect(spans.one('task app/worker').outcome).toBe('completed');
    expect((await lab.until(handle.cancel())).status).toBe('abandoned');
    await lab.stop();
  });
});

describe('the span of a call under a policy', () => {
  it('is around all its attempts, below whoever calls', async () => {
    const { api, ctx, lab } = await stage({ retry: { backoff: { jitter: 'none' } } }, { tracing });
    const call = spans.make('request', () =>
      api.run(ctx, ({ attempt }) => {
        spans.make('fetch', () => {});
        if (attempt === 1) throw new Error('reset');
        return 'page';
      }),
    );

    expect(await lab.until(call)).toBe('page');
    expect(spans.lines).toEqual([
      'request',
      'request > call api',
      'request > call api > fetch',
      'request > call api > fetch',
    ]);
    const { attributes, notes } = spans.one('call api');
    expect(notes.map(({ name }) => name)).toEqual(['retry']);
    expect(attributes).toEqual({
      'daruma.path': 'app/caller',
      'daruma.incarnation': 1,
      'daruma.policy': 'api',
      'daruma.outcome': 'completed',
    });
    expect(tookMs(spans.one('call api'))).toBe(100);
    await lab.stop();
  });

  it('says why it failed, and that a fallback helped', async () => {
    const fail = () => {
      throw new Error('reset');
    };
    const bare = await stage({ timeout: '1s' }, { tracing });
    await expect(bare.api.run(bare.ctx, fail)).rejects.toThrow('reset');
    await bare.lab.stop();
    const soft = await stage({ fallback: () => 'old page' }, { tracing });
    expect(await soft.api.run(soft.ctx, fail)).toBe('old page');
    await soft.lab.stop();

    expect(spans.all.map(({ outcome, errors }) => [outcome, errors])).toEqual([
      ['failed', ['reset']],
      ['fallback', []],
    ]);
  });

  it('is cancelled with its service', async () => {
    const { api, ctx, lab } = await stage({ timeout: '1h' }, { tracing });
    const call = api.run(
      ctx,
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    );
    call.catch(() => {});
    await lab.stop();

    expect(spans.all.map(({ outcome, status }) => [outcome, status])).toEqual([
      ['cancelled', undefined],
    ]);
  });
});
