import { describe, expect, it } from 'vitest';
import { every, type RunContext } from '../../../src/index.ts';
import { Job, Stage } from './stage.ts';

describe('every', () => {
  it('runs once a period, the first time after one, until it is stopped', async () => {
    const stage = await Stage.of(every('tick', '10s', () => {}));

    await stage.clock.advance(35_000);
    await stage.stop();
    await stage.clock.advance(60_000);

    expect(stage.begun()).toEqual([10_000, 20_000, 30_000]);
    expect(stage.clock.pendingTimers).toBe(0);
  });

  it('runs at once as well with immediately, as run 1 of the same series', async () => {
    const job = new Job();
    const stage = await Stage.of(every('sync', '10s', { immediately: true }, job.work));

    await stage.clock.advance(10_000);
    expect(stage.begun()).toEqual([0]);
    expect(stage.skips()).toEqual(['overlap 1']);
    job.call.finish();
    await stage.clock.advance(10_000);

    expect(stage.begun()).toEqual([0, 20_000]);
    expect(job.most).toBe(1);
    await stage.stop();
  });

  it('keeps a fixed rate: however long its runs take, no tick drifts', async () => {
    const stage = await Stage.of(every('tick', '10s', (ctx: RunContext) => ctx.sleep('3s')));

    await stage.clock.advance(3_600_000);

    expect(stage.begun()).toEqual(Array.from({ length: 360 }, (_, nth) => (nth + 1) * 10_000));
    await stage.stop();
  });

  it('counts from the end of each run with a fixed delay', async () => {
    const poll = every('poll', '10s', { pace: 'fixed-delay' }, (ctx) => ctx.sleep('3s'));
    const stage = await Stage.of(poll);

    await stage.clock.advance(37_000);

    expect(stage.begun()).toEqual([10_000, 23_000, 36_000]);
    expect(stage.handle(poll).next()).toEqual([]);
    await stage.clock.advance(4_000);
    expect(stage.handle(poll).next(2)).toEqual(
      [49_000, 59_000].map((at) => new Date(Date.UTC(2026, 0, 1) + at)),
    );
    await stage.stop();
  });

  it('begins at once and then counts from the end, with immediately and a fixed delay', async () => {
    const options = { pace: 'fixed-delay', immediately: true } as const;
    const stage = await Stage.of(every('poll', '10s', options, (ctx) => ctx.sleep('3s')));

    await stage.clock.advance(30_000);

    expect(stage.begun()).toEqual([0, 13_000, 26_000]);
    await stage.stop();
  });

  it('takes no notice of the clock on the wall', async () => {
    const stage = await Stage.of(every('tick', '1h', () => {}));

    for (const jump of [86_400_000, -172_800_000, 5_000]) {
      stage.clock.jump(jump);
      await stage.clock.advance(3_600_000);
    }

    expect(stage.begun()).toEqual([3_600_000, 7_200_000, 10_800_000]);
    await stage.stop();
  });

  it('waits longer than a timer of Node can', async () => {
    const stage = await Stage.of(every('yearly', '365d', () => {}));

    await stage.clock.advance(364 * 86_400_000);
    expect(stage.begun()).toEqual([]);
    await stage.clock.advance(86_400_000);

    expect(stage.begun()).toEqual([365 * 86_400_000]);
    await stage.stop();
  });

  it('arms one timer for its next tick, and polls for nothing', async () => {
    const stage = await Stage.of(every('tick', '1h', () => {}));
    const before = stage.clock.steps;

    await stage.clock.advance(3_599_999);

    expect(stage.clock.pendingTimers).toBe(1);
    expect(stage.clock.steps).toBe(before);
    await stage.stop();
  });

  it('begins each tick up to its jitter late, from the seed, without shifting the next', async () => {
    const options = { jitter: '10s' } as const;
    const stage = await Stage.of(every('beat', '5m', options, () => {}));

    await stage.clock.advance(3_600_000 + 10_000);
    const late = stage.begun().map((at, nth) => at - (nth + 1) * 300_000);

    expect(late).toHaveLength(12);
    expect(new Set(late).size).toBeGreaterThan(6);
    expect(late.every((ms) => ms >= 0 && ms <= 10_000)).toBe(true);
    expect(stage.runs('started').every(({ latenessMs }) => latenessMs === 0)).toBe(true);
    await stage.stop();
  });

  it('hands out a handle that says what was and what comes', async () => {
    const tick = every('tick', '10s', (ctx: RunContext) => ctx.sleep('3s'));
    const stage = await Stage.of(tick);
    const handle = stage.handle(tick);

    await stage.clock.advance(11_000);
    expect(handle.status).toBe('running');
    await stage.clock.advance(4_000);

    expect(handle.status).toBe('waiting');
    const now = stage.clock.now();
    expect(handle.next(2).map((date) => date.getTime() - now)).toEqual([5_000, 15_000]);
    expect(handle.last).toMatchObject({ status: 'completed', run: 1, tookMs: 3_000, attempts: 1 });
    expect(handle.counts).toMatchObject({ started: 1, completed: 1, skipped: 0 });
    await stage.stop();
    expect(() => handle.pause()).toThrow(/Incarnation 1 of app\/tick is over/);
  });
});
