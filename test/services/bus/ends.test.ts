import { describe, expect, it, vi } from 'vitest';
import { type Context, service, supervisor } from '../../../src/index.ts';
import { Lab } from '../../kernel/lab.ts';
import { Hall, latch, tick } from './hall.ts';

describe('a subscription', () => {
  it('ends with its incarnation: nothing is delivered once the stop has begun', async () => {
    const hall = await new Hall().open();
    const handler = vi.fn();
    hall.hearing.on(tick, handler);
    const ref = hall.lab.system.ref('app/listener');
    hall.speaking.emit(tick, 1);
    const stopped = ref.stop();

    hall.speaking.emit(tick, 2);
    await hall.lab.until(stopped);
    await hall.emit(3);

    expect(handler).not.toHaveBeenCalled();
    expect(hall.speaking.subscribers(tick)).toBe(0);
    expect(hall.lab.all('events-dropped')).toMatchObject([{ count: 1, why: 'ended' }]);
  });

  it('of a crashed incarnation is gone, and its successor’s is the only one', async () => {
    const hall = await new Hall().open();
    const heard: number[] = [];
    hall.hearing.on(tick, () => heard.push(1));
    hall.listener.life.fail(new Error('crash'));
    await hall.lab.clock.advance(1_000);
    hall.hearing.on(tick, () => heard.push(2));

    await hall.emit(0);

    expect(heard).toEqual([2]);
  });

  it('cannot be made once the end has begun, nor by an incarnation that is over', async () => {
    const hall = await new Hall().open();
    const bus = hall.hearing;
    await hall.lab.until(hall.lab.system.ref('app/listener').stop());

    for (const call of [() => bus.on(tick, () => {}), () => bus.emit(tick, 1)]) {
      expect(call).toThrow(expect.objectContaining({ code: 'DARUMA_STALE_INCARNATION' }));
    }
  });

  it('lets its service end only when its handlers have, before anything is given back', async () => {
    const order: string[] = [];
    const gate = latch();
    let ctx: Context | undefined;
    const keeper = service('keeper', {
      start: (context) => {
        ctx = context as Context;
        context.bus.on(tick, async () => {
          await gate.promise;
          order.push('handled');
        });
        context.defer(() => order.push('given back'));
      },
    });
    const lab = await new Lab(supervisor('app', [keeper])).start();
    ctx?.bus.emit(tick, 1);
    await lab.clock.settle();

    const stopped = lab.system.ref('app/keeper').stop();
    await lab.clock.settle();
    expect(order).toEqual([]);
    gate.resolve();
    await lab.until(stopped);

    expect(order).toEqual(['handled', 'given back']);
    expect(lab.all('unstopped')).toEqual([]);
  });

  it('with a handler that hangs is abandoned at the limit, and what it had is given back', async () => {
    const givenBack = vi.fn();
    const keeper = service('keeper', {
      stopWithin: '3s',
      start: (ctx) => {
        ctx.defer(givenBack);
        ctx.bus.on(tick, () => new Promise(() => {}));
        ctx.bus.emit(tick, 1);
      },
    });
    const lab = await new Lab(supervisor('app', [keeper])).start();

    await lab.until(lab.system.ref('app/keeper').stop());

    expect(lab.all('unstopped')).toMatchObject([{ path: 'app/keeper', at: 3_000 }]);
    expect(givenBack).toHaveBeenCalledOnce();
  });

  it('is drained before the stop: what waits is handled while everybody is still up', async () => {
    const hall = await new Hall().open();
    const handled: number[] = [];
    hall.hearing.on(tick, async (value) => {
      await hall.lab.wait(100);
      handled.push(value);
      // More and more work must not put off the end for ever.
      if (value < 100) hall.hearing.emit(tick, value + 100);
    });
    await hall.emit(1, 2, 3);
    void hall.lab.system.stop();
    await hall.lab.until(hall.lab.system.stopped());

    expect(handled.slice(0, 3)).toEqual([1, 2, 3]);
    expect(hall.lab.log('app/listener').slice(-5)).toEqual([
      'draining app/listener',
      'drained app/listener',
      'stop-requested app/listener',
      'events-dropped app/listener',
      'ended app/listener',
    ]);
    expect(hall.lab.clock.monotonic()).toBeLessThan(600);
  });
});
