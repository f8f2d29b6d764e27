import { describe, expect, it } from 'vitest';
import { every, type RunContext, service } from '../../../src/index.ts';
import { Stage } from './stage.ts';

/** Contexts of the first runs of a schedule. */
async function contexts(count: number, options: Parameters<typeof every<'job'>>[2] & object = {}) {
  const seen: RunContext[] = [];
  const stage = await Stage.of(
    service('echo', { start: () => {}, receive: { ping: (text: string) => `${text}!` } }),
    every('job', '10s', options, (ctx) => {
      seen.push(ctx);
    }),
  );
  await stage.clock.advance(count * 10_000 + 9_000);
  return { stage, seen };
}

describe('the context of a run', () => {
  it('says which run it is, when it was due and when it was to begin', async () => {
    const { stage, seen } = await contexts(2, { jitter: '5s' });

    expect(seen.map(({ run, attempt, isByHand }) => [run, attempt, isByHand])).toEqual([
      [1, 1, false],
      [2, 1, false],
    ]);
    expect(seen.map(({ due }) => due.toISOString())).toEqual([
      '2026-01-01T00:00:10.000Z',
      '2026-01-01T00:00:20.000Z',
    ]);
    const [first] = stage.runs('started');
    expect(seen[0]?.scheduledAt.getTime()).toBeCloseTo(first?.time ?? 0, -1);
    await stage.stop();
  });

  it('counts runs on over incarnations', async () => {
    const { stage, seen } = await contexts(2);

    await stage.until(stage.system.ref('app/job').restart());
    await stage.clock.advance(10_000);

    expect(seen.map(({ run, incarnation }) => [run, incarnation])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
    ]);
    await stage.stop();
  });

  it('is that of its incarnation in everything else, until the attempt is over', async () => {
    const running = Promise.withResolvers<RunContext>();
    const stage = await Stage.of(
      service('echo', { start: () => {}, receive: { ping: (text: string) => `${text}!` } }),
      every('job', '10s', async (ctx) => {
        running.resolve(ctx);
        await ctx.sleep('5s');
      }),
    );
    await stage.clock.advance(10_000);
    const ctx = await running.promise;

    expect(ctx.path).toBe('app/job');
    expect(ctx.now()).toBe(stage.clock.now());
    expect(ctx.random()).toBeLessThan(1);
    expect(await stage.until(ctx.ask('app/echo', 'ping', 'hi'))).toBe('hi!');
    ctx.health('degraded', 'tired');
    expect(stage.system.ref('app/job').health()).toMatchObject({ status: 'degraded' });
    expect(ctx.log.bindings()).toMatchObject({ actor: 'app/job', incarnation: 1, run: 1 });

    await stage.clock.advance(5_000);
    const stale = { code: 'DARUMA_STALE_INCARNATION' };
    expect(() => ctx.beat()).toThrow(expect.objectContaining(stale));
    expect(() => ctx.send('app/echo', 'ping')).toThrow(
      'app/job: this attempt of run 1 is over; it may not call ctx.send any more.',
    );
    await expect(ctx.storage.set('late', 1)).rejects.toMatchObject(stale);
    expect(ctx.path).toBe('app/job');
    await stage.stop();
  });

  it('has a signal of its own, cancelled when the run is over', async () => {
    const { stage, seen } = await contexts(2);

    expect(seen.map(({ signal }) => [signal.aborted, signal.reason?.name])).toEqual([
      [true, 'AbortError'],
      [true, 'AbortError'],
    ]);
    await expect(seen[0]?.sleep('1s')).rejects.toThrow();
    await stage.stop();
  });

  it('gives back at once what is acquired when the run is over', async () => {
    const { stage, seen } = await contexts(1);
    const closed: string[] = [];

    expect(() => seen[0]?.use('late', (name) => closed.push(name))).toThrow(/is over/);
    expect(() => seen[0]?.defer(() => {})).toThrow(/is over/);
    expect(() => seen[0]?.defer('x' as never)).toThrow(TypeError);
    await stage.clock.settle();

    expect(closed).toEqual(['late']);
    await stage.stop();
  });

  it('beats for the watchdog of its schedule', async () => {
    const stage = await Stage.of(
      every('job', '10s', { watchdog: '15s' }, (ctx) => ctx.beat()),
      every('mute', '10s', { watchdog: '15s' }, () => {}),
    );

    await stage.clock.advance(60_000);

    expect(new Set(stage.all('overdue').map(({ path }) => path))).toEqual(new Set(['app/mute']));
    await stage.stop();
  });

  it('keeps nothing of the runs that are over', async () => {
    const stage = await Stage.of(
      every('job', '1s', (ctx) => {
        ctx.defer(() => {});
        return ctx.sleep(10);
      }),
    );
    await stage.clock.advance(5_500);
    const timers = stage.clock.pendingTimers;

    await stage.clock.advance(500_000);

    expect(stage.clock.pendingTimers).toBe(timers);
    expect(stage.begun()).toHaveLength(505);
    await stage.stop();
  });
});
