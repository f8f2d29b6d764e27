import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  currentJob,
  every,
  fromEvery,
  pipeline,
  queue,
  supervisor,
  worker,
} from '../../src/index.ts';
import { Lab } from '../kernel/lab.ts';
import { Desk, Office, SharedEngine } from './office.ts';

const items = queue('items');
const mails = queue('mails', {
  payload: v.object({ to: v.pipe(v.string(), v.email()), copies: v.optional(v.number(), 1) }),
});

async function office(...workers: ConstructorParameters<typeof Office>[0]) {
  return await new Office(workers).start();
}

describe('a payload', () => {
  it('that does not fit the schema is refused, naming every issue, and nothing is added', async () => {
    const { jobs } = await office();
    const bad = jobs.enqueueMany(mails, [
      { payload: { to: 'ada@example.org' } },
      { payload: { to: 'nobody', copies: 'many' as never } },
    ]);

    await expect(bad).rejects.toMatchObject({
      code: 'DARUMA_INVALID_PAYLOAD',
      path: 'app',
      message: expect.stringMatching(
        /^app: the payload of a job of mails: payload\.to: .*email.*; payload\.copies: .*number.*\.$/,
      ),
    });
    expect(await jobs.counts()).toEqual([]);
  });

  it('is handed over as its schema makes it, and kept as it was given', async () => {
    const it = await office(worker(mails, ({ payload }) => payload.copies + 1));
    const { id } = await it.jobs.enqueue(mails, { to: 'ada@example.org' });

    expect(await it.over(mails, id)).toEqual({ state: 'completed', result: 2 });
    expect((await it.jobs.get(mails, id))?.payload).toEqual({ to: 'ada@example.org' });
  });

  it('may be looked at by a schema that takes its time', async () => {
    const slow = queue('slow', {
      payload: v.pipeAsync(
        v.string(),
        v.checkAsync(async (text) => text !== 'bad', 'it is bad'),
      ),
    });
    const it = await office(worker(slow, ({ payload }) => payload.length));
    await expect(it.jobs.enqueue(slow, 'bad')).rejects.toThrow('payload: it is bad');
    const { id } = await it.jobs.enqueue(slow, 'good');

    expect(await it.over(slow, id)).toEqual({ state: 'completed', result: 4 });
  });

  it('that no longer fits makes the job dead, without a call of the handler', async () => {
    const engine = new SharedEngine();
    const before = new Office([], {}, engine);
    await before.start();
    const { id } = await before.jobs.enqueue(queue<unknown>('mails'), { to: 42 });
    let calls = 0;
    const after = new Office(
      [
        worker(mails, () => {
          calls++;
        }),
      ],
      { clock: before.clock, seed: 2 },
      engine,
    );
    await after.start();

    expect(await after.over(mails, id)).toMatchObject({
      state: 'dead',
      reason: 'invalid-payload',
      error: { code: 'DARUMA_INVALID_PAYLOAD' },
    });
    expect(calls).toBe(0);
    expect(await after.jobs.get(mails, id)).toMatchObject({ attempt: 1 });
  });

  it('is what JSON can say, and not too large', async () => {
    const it = new Office([], {});
    await it.start();
    for (const [payload, message] of [
      [new Date(), 'value is a Date, which JSON cannot say'],
      [{ list: [1n] }, 'value.list[0] is a bigint, which JSON cannot say'],
      [{ n: Number.NaN }, 'value.n is NaN, which JSON cannot say'],
    ] as const) {
      await expect(it.jobs.enqueue(items, payload)).rejects.toThrow(message);
    }
    await expect(it.jobs.enqueue(items, 'x'.repeat(1024 * 1024))).rejects.toMatchObject({
      code: 'DARUMA_VALUE_TOO_LARGE',
      message: expect.stringContaining('takes 1048578 bytes as JSON; 1048576 are allowed'),
    });
    expect(await it.jobs.counts()).toEqual([]);
  });

  it('may be nothing', async () => {
    const it = await office(worker(items, ({ payload }) => typeof payload));
    const { id } = await it.jobs.enqueue(items);
    expect(await it.over(items, id)).toMatchObject({ result: 'undefined' });
    const none = await it.jobs.enqueue(items, null);
    expect(await it.over(items, none.id)).toMatchObject({ result: 'object' });
  });
});

describe('the options of a job', () => {
  it('are checked', async () => {
    const { jobs } = await office();
    for (const [options, message] of [
      [{ priority: 1.5 }, 'priority is 1.5; it must be a whole number.'],
      [{ maxAttempts: 0 }, 'maxAttempts is 0; it must be a whole number, 1 or more.'],
      [{ delay: 'soon' }, "delay is 'soon'; it must be a duration."],
      [{ delay: '1s', at: 5 }, 'it has a delay and a moment.'],
      [{ at: new Date('never') }, 'at is an object; it must be a Date'],
      [{ key: '' }, "key is ''; it must be text of 1 to 512 characters."],
      [{ workspaceId: 7 }, 'workspaceId is 7; it must be text of 1 to 512 characters.'],
      [{ priorty: 1 }, 'there is no option priorty.'],
      ['now', "its options are 'now'; give an object."],
    ] as const) {
      await expect(jobs.enqueue(items, 1, options as never)).rejects.toMatchObject({
        code: 'DARUMA_INVALID_OPTION',
        message: expect.stringContaining(`app: a job of items: ${message}`),
      });
    }
    await expect(jobs.enqueue('items' as never)).rejects.toMatchObject({
      code: 'DARUMA_INVALID_QUEUE',
    });
  });

  it('say what goes first, and when', async () => {
    const begun: unknown[] = [];
    const it = await office(
      worker(items, { concurrency: 1 }, ({ payload }) => {
        begun.push(`${payload} at ${it.clock.monotonic()}`);
      }),
    );
    await it.jobs.enqueueMany(items, [
      { payload: 'first' },
      { payload: 'urgent', priority: 5 },
      { payload: 'later', delay: '3s', priority: 9 },
      { payload: 'second' },
      { payload: 'at', at: new Date(it.clock.now() + 2_000) },
      { payload: 'past', at: 1 },
    ]);
    await it.clock.advance(10_000);

    expect(begun).toEqual([
      'urgent at 0',
      'first at 0',
      'second at 0',
      'past at 0',
      'at at 2000',
      'later at 3000',
    ]);
  });

  it('keep a second job with the same idempotency key from being added', async () => {
    const desk = new Desk();
    const it = await office(worker(items, desk.deaf));
    const first = await it.jobs.enqueue(items, 1, { idempotencyKey: 'order 7' });
    const second = await it.jobs.enqueue(items, 2, { idempotencyKey: 'order 7' });
    expect(second).toEqual({ id: first.id, isNew: false });
    await it.clock.settle();
    desk.finish();
    await it.over(items, first.id);
    expect((await it.jobs.enqueue(items, 3, { idempotencyKey: 'order 7' })).isNew).toBe(false);
    await it.clock.advance(3_600_000);

    expect((await it.jobs.enqueue(items, 4, { idempotencyKey: 'order 7' })).isNew).toBe(true);
    expect(it.story(first.id)).toEqual(['added', 'started', 'completed']);
  });

  it('let jobs with the same key run one after the other, in order, over retries', async () => {
    const steps = queue('steps', { perKey: 'fifo', backoff: { first: '1s', jitter: 'none' } });
    const begun: unknown[] = [];
    const it = await office(
      worker(steps, { concurrency: 10 }, (job) => {
        begun.push(job.payload);
        if (job.payload === 'a1' && job.attempt === 1) throw new Error('once');
      }),
    );
    await it.jobs.enqueueMany(steps, [
      { payload: 'a1', key: 'a' },
      { payload: 'a2', key: 'a' },
      { payload: 'b1', key: 'b' },
      { payload: 'a3', key: 'a', priority: 5 },
    ]);
    await it.clock.advance(900);
    expect(begun).toEqual(['a1', 'b1']);
    await it.clock.advance(100);

    expect(begun).toEqual(['a1', 'b1', 'a1', 'a2', 'a3']);
  });

  it('hold the rate of the whole queue', async () => {
    const calls = queue('calls', { rateLimit: { max: 2, per: '1m' } });
    const begun: number[] = [];
    const it = await office(
      worker(calls, () => {
        begun.push(it.clock.monotonic());
      }),
    );
    await it.jobs.enqueueMany(
      calls,
      Array.from({ length: 5 }, () => ({ payload: 1 })),
    );
    await it.clock.advance(150_000);

    expect(begun).toEqual([0, 0, 60_000, 60_000, 120_000]);
  });
});

describe('a job that a job adds', () => {
  it('is for the same workspace, unless it says otherwise', async () => {
    const seen: unknown[] = [];
    const others = queue('others');
    const it = await office(
      worker(others, (job) => {
        seen.push([job.payload, job.workspaceId]);
      }),
      worker(items, async (job) => {
        await job.jobs.enqueue(others, 'same');
        await currentJob().jobs.enqueue(others, 'other', { workspaceId: 'w2' });
        await job.jobs.enqueue(others, 'none', { workspaceId: null });
      }),
    );
    await it.jobs.enqueue(items, 1, { workspaceId: 'w1' });
    await it.clock.advance(1_000);

    expect(seen).toEqual([
      ['same', 'w1'],
      ['other', 'w2'],
      ['none', undefined],
    ]);
    expect(it.all('job').find(({ queue: name }) => name === 'items')).toMatchObject({
      workspaceId: 'w1',
    });
  });

  it('of a schedule and of a pipeline says so', async () => {
    const triggers: string[] = [];
    const lab = new Lab(
      supervisor('app', [
        worker(items, ({ trigger }) => {
          triggers.push(trigger);
        }),
        every('hourly', '1h', (ctx) => ctx.jobs.enqueue(items)),
        pipeline('line')
          .producer(
            'clock',
            fromEvery('2h', () => 'tick'),
          )
          .always('add', (_tick, ctx) => ctx.jobs.enqueue(items)),
      ]),
      { storage: 'memory' },
    );
    await lab.start();
    await lab.system.jobs.enqueue(items);
    await lab.clock.advance(2 * 3_600_000);

    expect(triggers.toSorted()).toEqual(['enqueue', 'pipeline', 'schedule', 'schedule']);
  });
});

describe('two queues of one name', () => {
  it('are an error that names both, and what differs', async () => {
    const { jobs } = await office();
    const one = queue('twice', { maxAttempts: 3, keep: { dead: '1d' } });
    const other = queue('twice', { maxAttempts: 4, lease: '1m', keep: { dead: '1d' } });
    await jobs.enqueue(one);
    await jobs.enqueue(queue('twice', { maxAttempts: 3, keep: { dead: '24h' } }));

    await expect(jobs.enqueue(other)).rejects.toMatchObject({
      code: 'DARUMA_INVALID_QUEUE',
      message: expect.stringMatching(
        /^app: there are two queues twice, and they differ: maxAttempts is 3 and 4, lease is 30s and 1m\. One is defined at .*adding\.test\.ts:\d+:\d+, the other at .*adding\.test\.ts:\d+:\d+\.$/,
      ),
    });
  });

  it('are refused before anything starts when both have a worker', () => {
    const one = worker(queue('twice'), { name: 'one' }, () => {});
    const other = worker(queue('twice', { maxAttempts: 1 }), { name: 'other' }, () => {});

    expect(() => new Office([one, other])).toThrow(
      expect.objectContaining({
        name: 'DefinitionError',
        code: 'DARUMA_INVALID_QUEUE',
        path: 'app/other',
        paths: ['app/one', 'app/other'],
      }),
    );
  });
});
