import { describe, expect, it, vi } from 'vitest';
import { Hall, latch, tick } from './hall.ts';

describe('a critical subscription', () => {
  it('is waited for by those after it, and not by those before', async () => {
    const hall = await new Hall().open();
    const gate = latch();
    const heard: string[] = [];
    hall.hearing.on(tick, () => heard.push('after'));
    hall.hearing.on(tick, () => gate.promise, { critical: true, priority: 1 });
    hall.hearing.on(tick, () => heard.push('before'), { priority: 2 });

    await hall.emit(1);
    expect(heard).toEqual(['before']);
    gate.resolve();
    await hall.settle();

    expect(heard).toEqual(['before', 'after']);
  });

  it('that fails keeps the event from those after it; the emitter goes on', async () => {
    const hall = await new Hall().open();
    const after = vi.fn();
    hall.speaking.on(tick, after);
    hall.hearing.on(tick, () => Promise.reject(new Error('no')), { critical: true, priority: 1 });

    await hall.emit(1);

    expect(after).not.toHaveBeenCalled();
    expect(hall.lab.all('emission-aborted')).toMatchObject([
      { path: 'app', topic: 'clock.tick', by: 'app/listener' },
    ]);
    expect(hall.lab.all('ended').map(({ path }) => path)).toEqual(['app/listener']);
    hall.speaking.emit(tick, 2);
    await hall.settle();
    expect(after, 'nobody is critical any more').toHaveBeenCalledOnce();
  });

  it('tells who confirms: when it is through, and that it failed', async () => {
    const hall = await new Hall().open();
    hall.hearing.on(
      tick,
      async (value) => {
        await hall.lab.wait(50);
        if (value < 0) throw new Error('negative');
      },
      { critical: true, onError: 'report' },
    );

    await hall.lab.until(hall.speaking.confirm(tick, 1));
    expect(hall.lab.clock.monotonic()).toBe(50);
    const failed = await hall.lab.errorOf(hall.speaking.confirm(tick, -1));

    expect(failed).toMatchObject({
      code: 'DARUMA_CRITICAL_HANDLER',
      path: 'app/listener',
      message: expect.stringContaining('did not handle clock.tick: negative'),
    });
  });

  it.each([
    ['ends first', {}, () => {}],
    ['drops it', { buffer: 1, overflow: 'drop-newest' as const }, undefined],
  ])('counts as failed when it %s', async (_what, options, hang) => {
    const hall = await new Hall().open();
    hall.hearing.on(tick, () => new Promise(() => {}), { critical: true, ...options });
    for (const value of hang ? [1] : [1, 2]) hall.speaking.emit(tick, value);
    await hall.settle();
    if (!hang) hall.speaking.emit(tick, 2);

    const failure = hall.speaking.confirm(tick, 3).catch((error: unknown) => error);
    if (hang) void hall.lab.system.ref('app/listener').stop();

    expect(await hall.lab.until(failure)).toMatchObject({ code: 'DARUMA_CRITICAL_HANDLER' });
  });

  it('that hangs is not waited for longer than was asked', async () => {
    const hall = await new Hall().open();
    hall.hearing.on(tick, () => new Promise(() => {}), { critical: true });

    const error = await hall.lab.errorOf(hall.speaking.confirm(tick, 1));

    expect(error).toMatchObject({ code: 'DARUMA_ASK_TIMEOUT' });
    expect(hall.lab.clock.monotonic()).toBe(5_000);
  });

  it('need not be there: without one an emission is confirmed at once', async () => {
    const hall = await new Hall().open();
    hall.hearing.on(tick, () => new Promise(() => {}));

    await hall.lab.until(hall.speaking.confirm(tick, 1));

    expect(hall.lab.clock.monotonic()).toBe(0);
  });

  it('of events that wait for it lets them through in order', async () => {
    const hall = await new Hall().open();
    const heard: number[] = [];
    hall.hearing.on(tick, (value) => hall.lab.wait(100 - value), { critical: true, priority: 1 });
    hall.hearing.on(tick, (value) => heard.push(value));

    await hall.emit(1, 50, 99);
    await hall.lab.clock.advance(1_000);

    expect(heard).toEqual([1, 50, 99]);
  });
});
