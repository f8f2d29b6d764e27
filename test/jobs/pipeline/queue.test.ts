import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  createSystem,
  fromQueue,
  NotRetryable,
  pipeline,
  queue,
  supervisor,
  worker,
} from '../../../src/index.ts';
import { Office, SharedEngine } from '../office.ts';
import { Faucet, Gate, opened, orders } from './mill.ts';

const tap = 'app/p/producers/tap';

describe('a producer from a queue', () => {
  it('completes a job when its item is through all handlers and consumers', async () => {
    const gate = new Gate();
    const seen: unknown[] = [];
    const { office, add, stateOf } = await opened(
      pipeline('p')
        .producer('tap', fromQueue(orders))
        .always('double', (n, { item }) => {
          seen.push([n, item.producer, item.job]);
          return n * 2;
        })
        .always('negate', (n) => -n)
        .consumer('fast', () => {})
        .consumer('slow', gate.pass),
    );
    const [id] = await add(7);
    const job = { id, queue: 'orders', attempt: 1, workspaceId: undefined };
    expect(seen).toEqual([[7, 'tap', job]]);
    gate.open();
    await office.clock.settle();
    expect(await stateOf(id)).toBe('active');

    gate.open();
    await office.clock.settle();
    expect(await stateOf(id)).toBe('completed');
    expect(office.story(id)).toEqual(['added', 'started', 'completed']);
    expect(office.system.find(tap)?.value()).toMatchObject({
      queue: 'orders',
      running: 0,
      standing: 'open',
    });
  });

  it('has a job fail whose item fails: it is tried again, and dead in the end', async () => {
    const attempts: unknown[] = [];
    const { office, add } = await opened(
      pipeline('p')
        .producer('tap', fromQueue(orders))
        .always('store', (_n, { item }) => {
          attempts.push([item.job?.id, item.job?.attempt, office.clock.monotonic()]);
          throw new Error('the disk is full');
        }),
    );
    const [id] = await add(1);
    await office.clock.advance(10_000);

    expect(attempts).toEqual([
      [id, 1, 0],
      [id, 2, 1_000],
      [id, 3, 3_000],
    ]);
    expect(await office.jobs.list(orders, 'dead')).toMatchObject([
      { id, reason: 'exhausted', error: { message: 'the disk is full' } },
    ]);
  });

  it('has it fail as well when a consumer gives its result up, and only then', async () => {
    const { office, add } = await opened(
      pipeline('p')
        .producer('tap', fromQueue(orders))
        .always('pass', (n) => n)
        .consumer('store', { retry: { maxAttempts: 2 }, onError: 'report' }, (_n, ctx) => {
          if (ctx.item.job?.attempt === 1) throw new Error('locked');
        }),
    );
    const [id] = await add(1);
    await office.clock.advance(10_000);

    expect(office.all('item').map(({ path, attempt }) => [path, attempt])).toEqual([
      ['app/p/consumers/store', 1],
      ['app/p/consumers/store', 2],
    ]);
    expect(office.story(id)).toEqual(['added', 'started', 'retrying', 'started', 'completed']);
  });

  it.each([
    ['which no handler is for', () => false, () => {}, 'no handler is for this item'],
    [
      'whose handler says that it is of no use',
      () => true,
      () => {
        throw new NotRetryable('There is no such order.');
      },
      'There is no such order.',
    ],
  ] as [string, () => boolean, () => void, string][])(
    'does not try again what goes wrong every time: an item %s',
    async (...given) => {
      const [, matches, handler, message] = given;
      const { office, add } = await opened(
        pipeline('p').producer('tap', fromQueue(orders)).when('some', matches, handler),
      );
      await add(1);
      await office.clock.advance(60_000);

      expect(await office.jobs.list(orders, 'dead')).toMatchObject([
        {
          attempt: 1,
          reason: 'not-retryable',
          error: { message: expect.stringContaining(message) },
        },
      ]);
    },
  );

  it('tries again what a full buffer has kept from a consumer', async () => {
    const gate = new Gate();
    const { office, add, stateOf } = await opened(
      pipeline('p')
        .producer('tap', fromQueue(orders))
        .always('pass', (n) => n)
        .consumer('slow', { buffer: 1, overflow: 'drop-newest' }, gate.pass),
    );
    const ids = await add(1, 2, 3);
    expect(office.story(ids[2])).toEqual(['added', 'started', 'retrying']);
    for (let round = 0; round < 3; round++) {
      gate.open();
      await office.clock.advance(10_000);
    }
    expect(await Promise.all(ids.map(stateOf))).toEqual(['completed', 'completed', 'completed']);
  });

  it('hands on what the schema of the queue makes of a payload, and drops none silently', async () => {
    const typed = queue('typed', {
      payload: v.pipe(
        v.string(),
        v.transform((text) => text.length),
      ),
    });
    const seen: number[] = [];
    const { office } = await opened(
      pipeline('p')
        .producer('tap', fromQueue(typed))
        .always('all', (n) => void seen.push(n + 1)),
    );
    await office.jobs.enqueue(typed, 'four');
    await office.clock.settle();

    expect(seen).toEqual([5]);
  });

  it('is refused where its queue is none, or its options are not what they may be', () => {
    const system = () =>
      createSystem(
        supervisor('app', [
          pipeline('p')
            .producer('tap', fromQueue('orders' as never, { concurrency: 0, batch: 5 } as never))
            .always('all', () => {}),
        ]),
      );
    expect(system).toThrow(/its queue is 'orders'; it must be one that queue\(\) has made/);
    expect(system).toThrow(/concurrency/);
    expect(system).toThrow(/batch/);
  });
});

describe('the room of a pipeline', () => {
  it('limits what is claimed; the rest stays where others find it', async () => {
    const gate = new Gate();
    const engine = new SharedEngine();
    const { office, add } = await opened(
      pipeline('p', { maxInFlight: 3 })
        .producer('tap', fromQueue(orders))
        .always('slow', gate.pass),
      engine,
    );
    await add(1, 2, 3, 4, 5);
    expect(await office.jobs.counts(orders)).toMatchObject({ states: { active: 3, ready: 2 } });

    const seen: unknown[] = [];
    const other = new Office(
      [worker(orders, ({ payload }) => void seen.push(payload))],
      {},
      engine,
    );
    await other.start();
    await other.clock.settle();
    expect(seen).toEqual([4, 5]);
    await other.stop();
    expect(gate.waiting).toHaveLength(3);
  });

  it('is taken by a job as soon as it is there, whoever had it', async () => {
    const gate = new Gate<void>();
    const faucet = new Faucet<number>();
    const { office, add } = await opened(
      pipeline('p', { maxInFlight: 2 })
        .producer('other', faucet)
        .producer('tap', fromQueue(orders))
        .always('slow', gate.pass),
    );
    faucet.put(-1, -2);
    await office.clock.settle();
    await add(1, 2);
    expect(await office.jobs.counts(orders)).toMatchObject({ states: { active: 0, ready: 2 } });

    gate.open();
    await office.clock.settle();
    expect(await office.jobs.counts(orders)).toMatchObject({ states: { active: 1, ready: 1 } });
    expect(office.clock.monotonic()).toBe(0);
  });

  it('is waited for by a job that was claimed before others took it', async () => {
    const gate = new Gate<void>();
    const faucet = new Faucet<number>();
    const seen: number[] = [];
    const engine = new SharedEngine();
    const { office, stateOf } = await opened(
      pipeline('p', { maxInFlight: 1 })
        .producer('other', faucet)
        .producer('tap', fromQueue(orders))
        .always('slow', (n) => {
          seen.push(n);
          return gate.pass();
        }),
      engine,
    );
    const adding = office.jobs.enqueue(orders, 1);
    await office.clock.settle();
    const { id } = await adding;
    gate.open();
    await office.clock.settle();
    engine.hang();
    const second = office.jobs.enqueue(orders, 2);
    await office.clock.advance(5_000);
    faucet.put(-1);
    await office.clock.settle();
    engine.answer();
    await office.clock.settle();
    const late = await second;

    expect(seen).toEqual([1, -1]);
    expect([await stateOf(id), await stateOf(late.id)]).toEqual(['completed', 'active']);
    gate.open();
    await office.clock.settle();
    expect(seen).toEqual([1, -1, 2]);
    gate.open();
    await office.clock.settle();
    expect(await stateOf(late.id)).toBe('completed');
  });

  it('is kept for others by concurrency', async () => {
    const gate = new Gate();
    const { office, add } = await opened(
      pipeline('p')
        .producer('tap', fromQueue(orders, { concurrency: 2 }))
        .always('slow', gate.pass),
    );
    await add(1, 2, 3);
    expect(await office.jobs.counts(orders)).toMatchObject({ states: { active: 2, ready: 1 } });
  });
});
