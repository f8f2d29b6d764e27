import { describe, expect, it } from 'vitest';
import { service, supervisor } from '../../src/index.ts';
import { idle, Lab } from './lab.ts';

/** A service with a watchdog of a second that beats while `isBeating`, every 400 ms. */
async function beating(options: { stopWithin?: '5s' } = {}) {
  const state = { isBeating: true };
  const feed = service(
    'feed',
    { watchdog: '1s', backoff: { first: '10s', jitter: 'none' }, ...options },
    async (ctx) => {
      for (;;) {
        await ctx.sleep(400);
        if (state.isBeating) ctx.beat();
      }
    },
  );
  const lab = await new Lab(supervisor('app', [feed])).start();
  return { lab, state, ref: lab.system.ref('app/feed') };
}

describe('the watchdog', () => {
  it('lets a service live that beats', async () => {
    const { lab, ref } = await beating();

    await lab.clock.advance(60_000);

    expect(ref.incarnation()).toBe(1);
    expect(lab.all('overdue')).toEqual([]);
  });

  it('fails a service that has not beaten for its limit, with the numbers', async () => {
    const { lab, state, ref } = await beating();
    await lab.clock.advance(2_000);
    state.isBeating = false;

    await lab.clock.advance(999);
    const before = ref.status();
    await lab.clock.advance(1);

    expect(before).toBe('running');
    expect(lab.all('overdue')).toMatchObject([
      { path: 'app/feed', at: 3_000, limitMs: 1_000, sinceBeatMs: 1_000 },
    ]);
    expect(lab.all('ended')).toMatchObject([
      { path: 'app/feed', reason: 'error', error: { code: 'DARUMA_WATCHDOG' } },
    ]);
    expect(ref.status()).toBe('backoff');
    expect(ref.explain().why).toContain('has not called ctx.beat() for 1s');
  });

  it('starts again with the next incarnation', async () => {
    const { lab, state, ref } = await beating();
    state.isBeating = false;
    await lab.clock.advance(1_000);
    state.isBeating = true;

    await lab.clock.advance(60_000);

    expect(ref.incarnation()).toBe(2);
    expect(lab.all('overdue')).toHaveLength(1);
  });

  it('counts from ready: a slow start is not its business', async () => {
    const slow = service('slow', {
      watchdog: '1s',
      backoff: { first: '10s', jitter: 'none' },
      start: (ctx) => ctx.sleep('5s'),
      run: idle,
    });
    const lab = await new Lab(supervisor('app', [slow])).start();
    const readyAt = lab.clock.monotonic();

    await lab.clock.advance(1_000);

    expect(readyAt).toBe(5_000);
    expect(lab.all('overdue')).toMatchObject([{ at: 6_000, sinceBeatMs: 1_000 }]);
  });

  it('stops with the incarnation', async () => {
    const { lab } = await beating();

    await lab.stop();

    expect(lab.clock.pendingTimers).toBe(0);
    await lab.clock.advance(10_000);
    expect(lab.all('overdue')).toEqual([]);
  });

  it('does not bark at a service that is stopping', async () => {
    const slow = service('slow', { watchdog: '1s' }, async (ctx) => {
      await idle(ctx);
      await lab.wait(3_000);
    });
    const lab = new Lab(supervisor('app', [slow]));
    await lab.start();

    const report = await lab.stop();

    expect(report).toMatchObject({ unstopped: [], stopErrors: [] });
    expect(lab.clock.monotonic()).toBe(3_000);
    expect(lab.log('app/slow').slice(2)).toEqual(['stop-requested app/slow', 'ended app/slow']);
  });

  it('abandons a body that ignores its cancellation, and goes on with a new incarnation', async () => {
    const stuck = service('stuck', { watchdog: '1s', backoff: { first: 0 } }, (ctx) =>
      ctx.incarnation === 1 ? new Promise(() => {}) : idle(ctx),
    );
    const lab = await new Lab(supervisor('app', [stuck])).start();

    await lab.clock.advance(6_000);

    expect(lab.log('app/stuck').slice(2, 5)).toEqual([
      'overdue app/stuck',
      'unstopped app/stuck',
      'backoff app/stuck',
    ]);
    expect(lab.system.ref('app/stuck').incarnation()).toBe(2);
  });

  it('gives one more period when the event loop was blocked', async () => {
    const stuck = service('stuck', { watchdog: '1s', restart: 'temporary' }, idle);
    const lab = await new Lab(supervisor('app', [stuck])).start();

    lab.clock.stall(3_500);
    await lab.clock.settle();
    const overdue = lab.all('overdue').length;
    await lab.clock.advance(1_000);

    expect(lab.all('loop-blocked')).toMatchObject([{ path: 'app/stuck', blockedMs: 2_500 }]);
    expect(overdue).toBe(0);
    expect(lab.all('overdue')).toMatchObject([{ at: 4_500, limitMs: 1_000, sinceBeatMs: 4_500 }]);
  });

  it('forgives a blocked event loop when the service beats again', async () => {
    const { lab, ref } = await beating();

    lab.clock.stall(3_500);
    await lab.clock.advance(60_000);

    expect(lab.all('overdue')).toEqual([]);
    expect(ref.incarnation()).toBe(1);
  });

  it('does not take a little lateness for a blocked event loop', async () => {
    const stuck = service('stuck', { watchdog: '1s', restart: 'temporary' }, idle);
    const lab = await new Lab(supervisor('app', [stuck])).start();

    lab.clock.stall(1_400);
    await lab.clock.settle();

    expect(lab.all('loop-blocked')).toEqual([]);
    expect(lab.all('overdue')).toHaveLength(1);
  });

  it('does not watch a service that was stopped as soon as it was ready', async () => {
    const slow = service('slow', { watchdog: '1s', ready: 'manual' }, async (ctx) => {
      await ctx.sleep(10);
      ctx.ready();
      await lab.wait(3_000);
    });
    const lab = new Lab(supervisor('app', [slow]));
    lab.system.events$.subscribe(({ type, path }) => {
      if (type === 'ready' && path === 'app/slow') void lab.system.ref('app/slow').stop();
    });
    await lab.until(lab.begin());

    await lab.clock.advance(5_000);

    expect(lab.all('overdue')).toEqual([]);
    expect(lab.system.ref('app/slow').status()).toBe('stopped');
  });
});
