import { describe, expect, it, vi } from 'vitest';
import { NotRetryable } from '../../../src/index.ts';
import { Hall, latch, tick } from './hall.ts';

describe('a handler that fails', () => {
  it('fails its service, and neither the emitter nor other subscribers', async () => {
    const hall = await new Hall().open();
    const other = vi.fn();
    hall.hearing.on(tick, () => {
      throw new TypeError('boom');
    });
    hall.speaking.on(tick, other);

    await hall.emit(1, 2);

    const [ended, ...more] = hall.lab.all('ended');
    expect(ended).toMatchObject({ path: 'app/listener', error: { message: 'boom' } });
    expect(more).toEqual([]);
    expect(other.mock.calls.map(([value]) => value)).toEqual([1, 2]);
  });

  it('is not called again by its incarnation, and what waited is reported', async () => {
    const hall = await new Hall().open();
    const handler = vi.fn(async () => {
      throw new Error('boom');
    });
    hall.hearing.on(tick, handler);

    await hall.emit(1, 2, 3);

    expect(handler).toHaveBeenCalledOnce();
    expect(hall.lab.all('events-dropped')).toMatchObject([
      { path: 'app/listener', incarnation: 1, topic: 'clock.tick', count: 2, why: 'ended' },
    ]);
  });

  it('is reported and called with the next one, where that is asked for', async () => {
    const hall = await new Hall().open();
    const handler = vi.fn(async (value: number) => {
      if (value === 1) throw new Error('boom');
    });
    hall.hearing.on(tick, handler, { onError: 'report' });

    await hall.emit(1, 2);

    expect(handler).toHaveBeenCalledTimes(2);
    expect(hall.lab.all('ended')).toEqual([]);
    expect(hall.lab.all('handler-failed')).toMatchObject([
      { path: 'app/listener', topic: 'clock.tick', attempt: 1, retryMs: null },
    ]);
  });

  it('is called again for the same event, which keeps its id and its place, and then given up', async () => {
    const hall = await new Hall().open();
    const calls: string[] = [];
    const deadLetters: unknown[] = [];
    hall.hearing.on(
      tick,
      async (value, { id, attempt }) => {
        calls.push(`${value}: id ${id}, attempt ${attempt}`);
        if (value === 1) throw new Error('half-way');
      },
      {
        maxAttempts: 3,
        backoff: { first: '1s', jitter: 'none' },
        onError: (error, { payload }) => deadLetters.push([(error as Error).message, payload]),
      },
    );

    await hall.emit(1, 2);
    await hall.lab.clock.advance(10_000);

    expect(calls).toEqual([
      '1: id 1, attempt 1',
      '1: id 1, attempt 2',
      '1: id 1, attempt 3',
      '2: id 2, attempt 1',
    ]);
    expect(deadLetters).toEqual([['half-way', 1]]);
    expect(hall.lab.all('handler-failed').map(({ retryMs }) => retryMs)).toEqual([
      1_000,
      2_000,
      null,
    ]);
    expect(hall.lab.all('ended')).toEqual([]);
  });

  it('is not called again when it says that this is of no use', async () => {
    const hall = await new Hall().open();
    const handler = vi.fn(async () => {
      throw new NotRetryable('nobody can');
    });
    hall.hearing.on(tick, handler, { maxAttempts: 5, onError: 'report' });

    await hall.emit(1);
    await hall.lab.clock.advance(60_000);

    expect(handler).toHaveBeenCalledOnce();
    expect(hall.lab.all('handler-failed')).toMatchObject([{ attempt: 1, retryMs: null }]);
  });

  it('fails its service when what is called with the given up event fails too', async () => {
    const hall = await new Hall().open();
    const onError = async () => {
      throw new Error('no room for dead letters');
    };
    hall.hearing.on(tick, () => Promise.reject(new Error('boom')), { onError });

    await hall.emit(1);

    expect(hall.lab.all('ended')).toMatchObject([
      { error: { message: 'no room for dead letters' } },
    ]);
  });

  it('does not try again once its service is told to end', async () => {
    const hall = await new Hall().open();
    const handler = vi.fn(() => Promise.reject(new Error('boom')));
    hall.hearing.on(tick, handler, { maxAttempts: 5, backoff: { first: '10s', jitter: 'none' } });
    await hall.emit(1);

    await hall.lab.until(hall.lab.system.ref('app/listener').stop());

    expect(handler).toHaveBeenCalledOnce();
    expect(hall.lab.clock.pendingTimers).toBe(0);
  });
});

describe('a subscriber that is slow', () => {
  it('gets one event at a time, in order, however slow it is, and slows nobody', async () => {
    const hall = await new Hall().open();
    const begun: number[] = [];
    const gates = [latch(), latch(), latch()];
    hall.hearing.on(tick, (value) => {
      begun.push(value);
      return gates[value]?.promise;
    });
    const fast = vi.fn();
    hall.speaking.on(tick, fast);

    await hall.emit(0, 1, 2);
    expect([begun, fast.mock.calls.length]).toEqual([[0], 3]);
    gates[1]?.resolve();
    await hall.settle();
    expect(begun, 'a later one that would be quick waits').toEqual([0]);
    gates[0]?.resolve();
    await hall.settle();

    expect(begun).toEqual([0, 1, 2]);
  });

  it('handles several keys at once, and those of one key in order', async () => {
    const hall = await new Hall().open();
    const begun: number[] = [];
    const gates = Array.from({ length: 5 }, latch);
    hall.hearing.on(
      tick,
      (value) => {
        begun.push(value);
        return gates[value]?.promise;
      },
      { orderBy: (value) => value % 2, concurrency: 2 },
    );

    await hall.emit(0, 2, 4, 1, 3);
    expect(begun, 'the first of each key').toEqual([0, 1]);
    gates[1]?.resolve();
    await hall.settle();
    expect(begun).toEqual([0, 1, 3]);
    gates[0]?.resolve();
    await hall.settle();

    expect(begun).toEqual([0, 1, 3, 2]);
  });

  it.each([
    ['drop-oldest', [0, 3, 4]],
    ['drop-newest', [0, 1, 2]],
  ] as const)('with %s keeps no more than its mailbox holds', async (overflow, handled) => {
    const hall = await new Hall().open();
    const gate = latch();
    const values: number[] = [];
    hall.hearing.on(
      tick,
      async (value) => {
        values.push(value);
        await gate.promise;
      },
      { buffer: 2, overflow },
    );
    await hall.emit(0);
    await hall.emit(1, 2, 3, 4);
    gate.resolve();
    await hall.settle();

    expect(values).toEqual(handled);
  });

  it('is reported with a count, once in ten seconds and not once for each that is dropped', async () => {
    const hall = await new Hall().open();
    hall.hearing.on(tick, () => new Promise(() => {}), { buffer: 1 });
    await hall.emit(0, 1);

    await hall.emit(...Array.from({ length: 1_000 }, (_, index) => index));
    await hall.lab.clock.advance(10_000);
    await hall.lab.clock.advance(60_000);

    expect(hall.lab.all('events-dropped').map(({ at, count }) => [at, count])).toEqual([
      [0, 1],
      [10_000, 999],
    ]);
  });

  it('fails with overflow: fail, and not on the stack of the emitter', async () => {
    const hall = await new Hall().open();
    hall.hearing.on(tick, () => new Promise(() => {}), { buffer: 1, overflow: 'fail' });
    await hall.emit(0);

    hall.speaking.emit(tick, 1);
    hall.speaking.emit(tick, 2);
    expect(hall.lab.all('ended')).toEqual([]);
    await hall.lab.clock.advance(5_000);

    expect([...hall.lab.all('ended'), ...hall.lab.all('unstopped')]).toMatchObject([
      { type: 'unstopped', path: 'app/listener' },
    ]);
    expect(hall.lab.all('backoff')).toMatchObject([
      { path: 'app/listener', error: { code: 'DARUMA_SUBSCRIBER_OVERFLOW' } },
    ]);
  });

  it('lets timers have their turn when handlers emit to each other for ever', async () => {
    const hall = await new Hall().open();
    let count = 0;
    hall.hearing.on(tick, (value) => {
      count++;
      if (count < 50_000) hall.hearing.emit(tick, value);
    });
    const before = hall.lab.clock.steps;

    await hall.emit(1);

    expect(count).toBe(50_000);
    expect(hall.lab.clock.steps - before).toBe(4);
  });
});
