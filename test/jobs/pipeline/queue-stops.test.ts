import { describe, expect, it } from 'vitest';
import { fromQueue, pipeline, queue } from '../../../src/index.ts';
import { SharedEngine } from '../office.ts';
import { Faucet, Gate, opened, orders } from './mill.ts';

const tap = 'app/p/producers/tap';

describe('a stop in the middle', () => {
  /** Each item takes a second. */
  const slow = (seen: number[], ms: number, options: object = {}) =>
    pipeline('p', options)
      .producer('tap', fromQueue(orders))
      .always('slow', async (n, ctx) => {
        await ctx.sleep(ms);
        seen.push(n);
      });

  it('of the system lets what is on its way go through, and claims nothing more', async () => {
    const seen: number[] = [];
    const { office, add, engine } = await opened(slow(seen, 1_000, { maxInFlight: 2 }));
    await add(1, 2, 3);
    await office.stop();

    expect(seen).toEqual([1, 2]);
    const [counts] = await engine.submit([['jobs.counts', { now: 0, queue: 'orders' }]]);
    expect(counts).toMatchObject([{ states: { completed: 2, ready: 1, active: 0 } }]);
  });

  it('of the pipeline completes what goes through in time', async () => {
    const seen: number[] = [];
    const { office, add, stateOf } = await opened(slow(seen, 1_000));
    const [id] = await add(1);
    await office.until(office.system.ref('app/p').stop());

    expect(seen).toEqual([1]);
    expect(await stateOf(id)).toBe('completed');
  });

  it('gives back what does not, as if it had never been tried; it comes again', async () => {
    const seen: number[] = [];
    const { office, add, stateOf } = await opened(slow(seen, 60_000));
    const [id] = await add(1);
    const before = office.clock.monotonic();
    await office.until(office.system.ref('app/p').stop());

    expect(office.clock.monotonic() - before).toBeLessThanOrEqual(5_000);
    expect(office.story(id)).toEqual(['added', 'started', 'released']);
    expect(await office.jobs.get(orders, id as string)).toMatchObject({
      state: 'ready',
      attempt: 0,
    });

    await office.until(office.system.ref('app/p').start());
    await office.clock.advance(60_000);
    expect(seen).toEqual([1]);
    expect(await stateOf(id)).toBe('completed');
  });

  it('gives back what waits for room', async () => {
    const engine = new SharedEngine();
    const faucet = new Faucet<number>();
    const gate = new Gate();
    const { office } = await opened(
      pipeline('p', { maxInFlight: 1 })
        .producer('other', faucet)
        .producer('tap', fromQueue(orders))
        .always('slow', gate.pass),
      engine,
    );
    engine.hang();
    const adding = office.jobs.enqueue(orders, 2);
    await office.clock.advance(5_000);
    faucet.put(-1);
    await office.clock.settle();
    engine.answer();
    await office.clock.settle();
    const { id } = await adding;
    expect(office.story(id)).toEqual(['added', 'started']);
    await office.until(office.system.ref(tap).stop());

    expect(office.story(id)).toEqual(['added', 'started', 'released']);
    gate.open();
    await office.clock.settle();
    expect(office.system.find('app/p/router')?.value()).toMatchObject({ inFlight: 0 });
  });
});

describe('a job that is delivered again', () => {
  it('after a crash of its process, is the same job with the next attempt', async () => {
    const engine = new SharedEngine();
    const seen: unknown[] = [];
    const hung = pipeline('p')
      .producer('tap', fromQueue(orders))
      .always('endless', () => new Promise<void>(() => {}));
    const first = await opened(hung, engine);
    const [id] = await first.add(1);
    // Nothing runs there any more: virtual time passes only in the other one.
    const second = await opened(
      pipeline('p')
        .producer('tap', fromQueue(orders))
        .always('all', (_n, { item }) => void seen.push([item.job?.id, item.job?.attempt])),
      engine,
    );
    await second.office.clock.advance(60_000);

    expect(seen).toEqual([[id, 2]]);
    expect(await second.stateOf(id)).toBe('completed');
  });

  it('after its lease was lost, decides; what the first one comes to changes nothing', async () => {
    const gate = new Gate();
    const engine = new SharedEngine();
    const { office, add, stateOf } = await opened(
      pipeline('p').producer('tap', fromQueue(orders)).always('slow', gate.pass),
      engine,
    );
    const [id] = await add(1);
    engine.goDown();
    await office.clock.advance(40_000);
    engine.comeBack();
    await office.clock.advance(20_000);
    expect(office.story(id)).toContain('lost');
    expect(gate.waiting).toHaveLength(2);

    gate.break(new Error('the first one is late'));
    await office.clock.settle();
    expect(await stateOf(id)).toBe('active');
    gate.open();
    await office.clock.settle();
    expect(await stateOf(id)).toBe('completed');
  });

  it('when it takes too long, while its item goes on', async () => {
    const hasty = queue<number>('hasty', {
      maxAttempts: 2,
      timeout: '5s',
      backoff: { first: '1s', jitter: 'none' },
    });
    const ends: unknown[] = [];
    const { office } = await opened(
      pipeline('p')
        .producer('tap', fromQueue(hasty))
        .always('slow', async (_n, ctx) => {
          await ctx.sleep('7s');
          ends.push(ctx.item.job?.attempt);
        }),
    );
    const { id } = await office.jobs.enqueue(hasty, 1);
    await office.clock.advance(60_000);

    expect(ends).toEqual([1, 2]);
    expect(await office.jobs.get(hasty, id)).toMatchObject({
      state: 'dead',
      error: { code: 'DARUMA_JOB_TIMEOUT' },
    });
  });

  it('is not, once somebody has called it off', async () => {
    const gate = new Gate();
    const { office, add, stateOf } = await opened(
      pipeline('p').producer('tap', fromQueue(orders)).always('slow', gate.pass),
    );
    const [id] = await add(1);
    await office.jobs.cancel(orders, id as string);
    await office.clock.settle();
    expect(await stateOf(id)).toBe('cancelled');

    gate.open();
    await office.clock.advance(60_000);
    expect(await stateOf(id)).toBe('cancelled');
    expect(gate.waiting).toHaveLength(0);
  });
});
