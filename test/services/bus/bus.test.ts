import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';
import { type BusEvent, type Context, topic } from '../../../src/index.ts';
import { activity, Hall, kept, latch, tick } from './hall.ts';

describe('the bus', () => {
  it('gives every subscriber of a topic what is emitted, with where it comes from', async () => {
    const hall = await new Hall().open();
    const events: BusEvent[] = [];
    hall.hearing.on(activity, (payload, event) => events.push({ ...event, payload }));

    hall.speaking.emit(activity, { user: 'ada', what: 'login' });
    expect(events, 'no handler runs on the stack of the emitter').toEqual([]);
    await hall.settle();

    expect(events).toEqual([
      {
        id: 1,
        topic: 'user.activity',
        payload: { user: 'ada', what: 'login' },
        time: hall.lab.clock.now(),
        from: 'app/speaker',
        attempt: 1,
      },
    ]);
  });

  it('keeps two handlers of one topic apart: the second neither replaces nor leaks the first', async () => {
    const hall = await new Hall().open();
    const [first, second] = [vi.fn(), vi.fn()];
    const subscription = hall.hearing.on(tick, first);
    hall.hearing.on(tick, second);
    await hall.emit(1);

    subscription.unsubscribe();
    await hall.emit(2);

    expect(first.mock.calls.map(([value]) => value)).toEqual([1]);
    expect(second.mock.calls.map(([value]) => value)).toEqual([1, 2]);
    expect(subscription.isActive).toBe(false);
  });

  it('matches one segment with *, and any with **', async () => {
    const hall = await new Hall().open();
    const heard: string[] = [];
    const note = (pattern: string) =>
      hall.hearing.on(pattern, (_payload, { topic }) => heard.push(`${pattern}: ${topic}`));
    for (const pattern of ['user.*', '**', '*.activity', 'user.activity', 'user.**', 'us*er']) {
      if (pattern === 'us*er') expect(() => note(pattern)).toThrow(/neither a topic nor a pattern/);
      else note(pattern);
    }

    hall.speaking.emit(activity, { user: 'ada', what: 'login' });
    hall.speaking.emit(topic('user.profile.updated'));
    await hall.settle();

    expect(heard).toEqual([
      'user.*: user.activity',
      '**: user.activity',
      '*.activity: user.activity',
      'user.activity: user.activity',
      'user.**: user.activity',
      '**: user.profile.updated',
      'user.**: user.profile.updated',
    ]);
  });

  it('ends once with the first event, also when more came before it was handled', async () => {
    const hall = await new Hall().open();
    const handler = vi.fn();
    const subscription = hall.hearing.once(tick, handler);

    await hall.emit(1, 2, 3);

    expect(handler.mock.calls.map(([value]) => value)).toEqual([1]);
    expect(subscription.isActive).toBe(false);
    expect(hall.speaking.subscribers(tick)).toBe(0);
  });

  it('ends its own subscriptions with off, by topic and handler, and nobody else’s', async () => {
    const hall = await new Hall().open();
    const handler = vi.fn();
    hall.hearing.on(tick, handler);
    hall.hearing.on(activity, handler);
    hall.hearing.on(activity, () => {});

    expect(hall.speaking.off(), 'those of others stay').toBe(0);
    expect(hall.hearing.off(activity, handler)).toBe(1);
    expect(hall.hearing.off('user.activity')).toBe(1);
    expect(hall.hearing.off()).toBe(1);
  });

  it('begins with the last value where that is asked for and kept', async () => {
    const hall = await new Hall().open();
    const [replayed, plain, unkept] = [vi.fn(), vi.fn(), vi.fn()];
    for (const value of [1, 2]) hall.speaking.emit(kept, value);
    await hall.emit(1);

    hall.hearing.on(kept, replayed, { replay: 'last' });
    hall.hearing.on(kept, plain);
    hall.hearing.on(tick, unkept, { replay: 'last' });
    hall.speaking.emit(kept, 3);
    await hall.settle();

    expect(replayed.mock.calls.map(([value]) => value)).toEqual([2, 3]);
    expect(plain.mock.calls.map(([value]) => value)).toEqual([3]);
    expect(unkept).not.toHaveBeenCalled();
  });

  it('calls those of higher priority first, and queues what a handler emits behind', async () => {
    const hall = await new Hall().open();
    const heard: string[] = [];
    hall.hearing.on(tick, (value) => heard.push(`low ${value}`), { priority: -1 });
    hall.hearing.on(tick, (value) => heard.push(`plain ${value}`));
    hall.hearing.on(
      tick,
      (value) => {
        heard.push(`high ${value}`);
        if (value === 1) hall.hearing.emit(tick, 2);
      },
      { priority: 10 },
    );

    await hall.emit(1);

    expect(heard).toEqual(['high 1', 'plain 1', 'low 1', 'high 2', 'plain 2', 'low 2']);
  });

  it('gives what the schema makes of a payload, and refuses what does not fit, naming every issue', async () => {
    const hall = await new Hall().open();
    const changed = topic(
      'data.changed',
      v.object({ id: v.string(), count: v.optional(v.number(), 1) }),
    );
    const handler = vi.fn();
    hall.hearing.on(changed, handler);

    hall.speaking.emit(changed, { id: 'a' });
    const emitWrong = () => hall.speaking.emit(changed, { id: 1, count: 'x' } as never);
    await hall.settle();

    expect(handler.mock.calls.map(([payload]) => payload)).toEqual([{ id: 'a', count: 1 }]);
    expect(emitWrong).toThrow(
      expect.objectContaining({
        code: 'DARUMA_INVALID_PAYLOAD',
        path: 'app/speaker',
        message: expect.stringMatching(/data.changed .* id: .*; count: /),
      }),
    );
    expect(hall.lab.all('ended'), 'it is the error of the emitter alone').toEqual([]);
  });

  it('refuses a schema that has to be waited for', async () => {
    const hall = await new Hall().open();
    const slow = topic(
      'slow',
      v.pipeAsync(
        v.string(),
        v.checkAsync(async () => true),
      ),
    );

    expect(() => hall.speaking.emit(slow, 'x')).toThrow(/its schema is asynchronous/);
  });

  it('works for code outside the tree, whose failing handlers are reported and nothing else', async () => {
    const hall = await new Hall().open();
    const outside: number[] = [];
    hall.lab.system.bus.on(tick, (value) => {
      outside.push(value);
      throw new Error('outside');
    });
    const inside = vi.fn();
    hall.hearing.on(activity, inside);

    hall.lab.system.bus.emit(activity, { user: 'ada', what: 'login' });
    await hall.emit(1, 2);
    await hall.lab.stop();

    expect(inside).toHaveBeenCalledOnce();
    expect(outside).toEqual([1, 2]);
    expect(hall.lab.all('listener-failed')).toHaveLength(2);
    expect(hall.lab.all('ended').every(({ error }) => error === undefined)).toBe(true);
    expect(() => hall.lab.system.bus.on(tick, () => {})).toThrow(/has stopped/);
  });

  it('warns of more than a hundred subscriptions of one topic, once', async () => {
    const hall = await new Hall().open();

    for (let count = 0; count < 100; count++) hall.hearing.on(tick, () => {});
    expect(hall.lab.all('hint')).toEqual([]);
    for (let count = 0; count < 50; count++) hall.hearing.on(tick, () => {});

    expect(hall.lab.all('hint')).toEqual([
      expect.objectContaining({
        path: 'app/listener',
        text: expect.stringContaining('clock.tick has 101 subscriptions'),
      }),
    ]);
  });

  it.each([
    [{ buffer: 0 }, /buffer is 0; it must be a whole number, 1 or more/],
    [{ overflow: 'block' }, /overflow is 'block'; it must be 'drop-oldest'/],
    [{ critical: true, concurrency: 2 }, /critical is true; then one event/],
    [{ onError: 'ignore' }, /onError is 'ignore'/],
    [{ maxRetries: 3 }, /there is no option maxRetries/],
  ])('refuses options that are none: %o', async (options, message) => {
    const hall = await new Hall().open();

    expect(() => hall.hearing.on(tick, () => {}, options as never)).toThrow(message);
    expect(() => hall.hearing.on(tick, 'handler' as never)).toThrow(/needs a function/);
    expect(() => topic('user activity')).toThrow(/is no name for a topic/);
  });

  it('is the same for a handler that takes part in everything: nothing hangs at the end', async () => {
    const hall = await new Hall().open();
    const gate = latch();
    hall.hearing.on(tick, () => gate.promise);
    await hall.emit(1, 2);
    const { ctx } = hall.listener.life as { ctx: Context };

    const stopped = hall.lab.system.stop();
    await hall.settle();
    gate.resolve();
    await hall.lab.until(stopped);

    expect(() => ctx.bus.emit(tick, 3)).toThrow(
      expect.objectContaining({ code: 'DARUMA_STALE_INCARNATION' }),
    );
    expect(hall.lab.clock.pendingTimers).toBe(0);
  });
});
