import { describe, expect, it } from 'vitest';
import { cron, every } from '../../../src/index.ts';
import { Job, Stage } from './stage.ts';

describe('pause', () => {
  it('skips what comes due until it is resumed, and keeps the phase', async () => {
    const tick = every('tick', '10s', () => {});
    const stage = await Stage.of(tick);
    await stage.clock.advance(15_000);

    stage.handle(tick).pause();
    await stage.clock.advance(30_000);
    expect(stage.handle(tick).status).toBe('paused');
    stage.handle(tick).resume();
    await stage.clock.advance(10_000);

    expect(stage.begun()).toEqual([10_000, 50_000]);
    expect(stage.skips()).toEqual(['paused 3']);
    expect(stage.all('schedule').map(({ status }) => status)).toEqual(['paused', 'resumed']);
    await stage.stop();
  });

  it('lets the run in flight go on', async () => {
    const job = new Job();
    const tick = every('tick', '10s', job.work);
    const stage = await Stage.of(tick);
    await stage.clock.advance(10_000);

    stage.handle(tick).pause();
    await stage.clock.advance(60_000);
    expect(stage.handle(tick).status).toBe('running');
    job.call.finish();
    await stage.clock.settle();

    expect(stage.handle(tick).status).toBe('paused');
    expect(stage.runs('completed')).toHaveLength(1);
    await stage.stop();
  });

  it('outlives a restart', async () => {
    const tick = cron('tick', '* * * * *', () => {});
    const stage = await Stage.of(tick);
    stage.handle(tick).pause();

    await stage.until(stage.system.ref('app/tick').restart());
    await stage.clock.advance(180_000);
    expect(stage.begun()).toEqual([]);
    stage.handle(tick).resume();
    await stage.clock.advance(60_000);

    expect(stage.begun()).toEqual([240_000]);
    expect(stage.skips()).toEqual(['paused 3']);
    await stage.stop();
  });

  it('does not hide that the clock was set back by days meanwhile', async () => {
    const dayMs = 86_400_000;
    const tick = cron('tick', '0 * * * *', () => {});
    const stage = new Stage([tick]);
    stage.clock.jump(30 * dayMs);
    await stage.start();
    await stage.clock.advance(3_700_000);

    stage.handle(tick).pause();
    stage.clock.jump(-30 * dayMs);
    await stage.clock.advance(120_000);
    stage.handle(tick).resume();
    await stage.clock.advance(3_600_000);

    expect(stage.dues()).toEqual(['2026-01-31T01:00', '2026-01-01T02:00']);
    await stage.stop();
  });

  it('and resume do nothing where there is nothing to do', async () => {
    const tick = every('tick', '10s', () => {});
    const stage = await Stage.of(tick);
    const handle = stage.handle(tick);

    handle.resume();
    handle.pause();
    handle.pause();

    expect(stage.all('schedule').map(({ status }) => status)).toEqual(['paused']);
    await stage.stop();
  });
});

describe('runNow', () => {
  it('runs it now, off its timetable, and resolves with what became of it', async () => {
    const tick = every('tick', '10s', (ctx) => ctx.sleep('1s'));
    const stage = await Stage.of(tick);
    await stage.clock.advance(4_000);

    const result = await stage.until(stage.handle(tick).runNow());
    await stage.clock.advance(6_000);

    expect(result).toMatchObject({ status: 'completed', run: 1, tookMs: 1_000 });
    expect(stage.begun()).toEqual([4_000, 10_000]);
    expect(stage.runs('started').map(({ due }) => due)).toEqual([null, 10_000]);
    await stage.stop();
  });

  it('works while it is paused, and tells the work that it is by hand', async () => {
    const seen: unknown[] = [];
    const tick = cron('tick', '0 * * * *', (ctx) => {
      seen.push([ctx.isByHand, ctx.due.toISOString()]);
    });
    const stage = await Stage.of(tick);
    stage.handle(tick).pause();
    await stage.clock.advance(90_000);

    await stage.until(stage.handle(tick).runNow());

    expect(seen).toEqual([[true, '2026-01-01T00:01:30.000Z']]);
    await stage.stop();
  });

  it('obeys the overlap policy, and says so', async () => {
    const job = new Job();
    const tick = every('tick', '10s', job.work);
    const stage = await Stage.of(tick);
    await stage.clock.advance(10_000);

    expect(await stage.until(stage.handle(tick).runNow())).toEqual({
      status: 'skipped',
      why: 'overlap',
    });
    await stage.stop();
  });

  it('resolves with the failure of a run that fails', async () => {
    const tick = every('tick', '10s', () => Promise.reject(new Error('no')));
    const stage = await Stage.of(tick);

    const result = await stage.until(stage.handle(tick).runNow());

    expect(result).toMatchObject({ status: 'failed', error: { message: 'no' } });
    await stage.stop();
  });

  it('always resolves: also when the schedule stops, before the run or during it', async () => {
    const job = new Job();
    const tick = every('tick', '10s', { overlap: 'queue' }, job.work);
    const stage = await Stage.of(tick);
    const handle = stage.handle(tick);
    const results = [handle.runNow(), handle.runNow()];
    await stage.clock.settle();

    await stage.stop();

    expect(await Promise.all(results)).toMatchObject([
      { status: 'cancelled' },
      { status: 'skipped', why: 'closed' },
    ]);
  });

  it('is answered although the run never ends', async () => {
    const tick = every('tick', '10s', { stopWithin: '1s' }, () => new Promise(() => {}));
    const stage = await Stage.of(tick);
    const result = stage.handle(tick).runNow();
    await stage.clock.settle();

    await stage.stop();

    expect(await stage.until(result)).toEqual({ status: 'skipped', why: 'closed' });
  });
});
