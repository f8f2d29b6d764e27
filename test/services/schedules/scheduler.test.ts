import { describe, expect, it } from 'vitest';
import { every, type Scheduler, scheduler, service } from '../../../src/index.ts';
import { Job, Stage } from './stage.ts';

async function stageOf() {
  const jobs = scheduler('jobs');
  const stage = await Stage.of(jobs);
  return { stage, definition: jobs, jobs: stage.system.value(jobs) as Scheduler };
}

describe('a scheduler', () => {
  it('runs a task at once, then once a period, from when it is added until it is removed', async () => {
    const { stage, jobs } = await stageOf();
    await stage.clock.advance(5_000);

    await stage.until(jobs.schedule('sync', { every: '10s', run: () => {} }));
    await stage.clock.advance(25_000);
    expect(await stage.until(jobs.unschedule('sync'))).toBe(true);
    await stage.clock.advance(60_000);

    expect(stage.begun('app/jobs/sync')).toEqual([5_000, 15_000, 25_000]);
    expect(jobs.ids()).toEqual([]);
    expect(stage.clock.pendingTimers).toBe(0);
    await stage.stop();
  });

  it('does nothing about an id that it does not know', async () => {
    const { stage, jobs } = await stageOf();

    expect(await stage.until(jobs.unschedule('nobody'))).toBe(false);
    expect(jobs.get('nobody')).toBeUndefined();
    await stage.stop();
  });

  it('puts a task in the place of another one, whose run in flight is over before', async () => {
    const { stage, jobs } = await stageOf();
    const old = new Job();
    const log: string[] = [];
    const run = async (ctx: Parameters<Job['work']>[0]) => {
      await old.work(ctx).finally(() => stage.wait(2_000));
    };
    await stage.until(jobs.schedule('sync', { every: '10s', run }));
    await stage.clock.settle();

    const replaced = jobs.schedule('sync', {
      every: '1m',
      run: () => {
        log.push(`new one while ${old.live} run`);
      },
    });
    await stage.clock.advance(1_000);
    expect(log).toEqual([]);
    await stage.until(replaced);
    await stage.clock.advance(61_000);

    expect(log).toEqual(Array(2).fill('new one while 0 run'));
    expect(jobs.get('sync')?.counts).toMatchObject({ started: 2, cancelled: 0 });
    await stage.stop();
  });

  it('keeps the old task when the new one could never run', async () => {
    const { stage, jobs } = await stageOf();
    await stage.until(jobs.schedule('sync', { every: '10s', run: () => {} }));

    const error = await stage.errorOf(jobs.schedule('sync', { cron: 'x', run: () => {} }));
    await stage.clock.advance(10_000);

    expect(error).toMatchObject({ code: 'DARUMA_INVALID_SCHEDULE', path: 'app/jobs/sync' });
    expect(stage.begun()).toEqual([0, 10_000]);
    await stage.stop();
  });

  it('takes calls about one id in their order, and the last one wins', async () => {
    const { stage, jobs } = await stageOf();
    const task = (name: string) => ({ every: '1m', run: () => void seen.push(name) }) as const;
    const seen: string[] = [];

    const calls = [
      jobs.schedule('x', task('a')),
      jobs.schedule('x', task('b')),
      jobs.unschedule('x'),
      jobs.schedule('x', task('c')),
    ];
    await stage.until(Promise.all(calls));
    seen.length = 0;
    await stage.clock.advance(120_000);

    expect(seen.filter((name) => name !== 'c')).toEqual([]);
    expect(jobs.ids()).toEqual(['x']);
    await stage.stop();
  });

  it('runs tasks apart from each other: failing and hung ones hold up nobody', async () => {
    const { stage, jobs } = await stageOf();
    const hung = new Job();
    const failing = () => Promise.reject(new Error('no'));
    await stage.until(jobs.schedule('hung', { every: '1s', run: hung.work }));
    await stage.until(jobs.schedule('failing', { every: '1s', run: failing }));
    await stage.until(jobs.schedule('fine', { every: '1s', run: () => {} }));

    await stage.clock.advance(9_999);

    expect(stage.begun('app/jobs/fine')).toHaveLength(10);
    expect(stage.runs('failed', 'app/jobs/failing')).toHaveLength(10);
    expect(hung.most).toBe(1);
    await stage.stop();
  });

  it('stops all its tasks with itself, and has none when it starts again', async () => {
    const { stage, jobs, definition } = await stageOf();
    const job = new Job();
    await stage.until(jobs.schedule('sync', { every: '1s', run: job.work }));
    await stage.clock.settle();

    await stage.until(stage.system.ref('app/jobs').restart());
    await stage.clock.advance(60_000);

    expect(job.calls.map(({ ctx }) => ctx.signal.aborted)).toEqual([true]);
    expect(stage.system.value(definition)?.ids()).toEqual([]);
    await expect(jobs.schedule('late', { every: '1s', run: job.work })).rejects.toMatchObject({
      code: 'DARUMA_STALE_INCARNATION',
    });
    await stage.stop();
  });

  it('and any schedule may be started and stopped twice: nothing runs twice, nothing is left', async () => {
    const tick = every('tick', '10s', () => {});
    const stage = await Stage.of(tick);
    const ref = stage.system.ref('app/tick');

    const again = await stage.errorOf(ref.start());
    await stage.clock.advance(10_000);
    expect(again).toMatchObject({ code: 'DARUMA_RUNNING' });
    expect(stage.begun()).toEqual([10_000]);
    await stage.until(ref.stop());
    await stage.until(ref.stop());
    await stage.clock.advance(60_000);

    expect(stage.begun()).toEqual([10_000]);
    expect(stage.clock.pendingTimers).toBe(0);
    await stage.stop();
  });

  it('takes times of day and dates, which it forgets when they are over', async () => {
    const { stage, jobs } = await stageOf();
    await stage.until(jobs.schedule('nightly', { cron: '0 2 * * *', run: () => {} }));
    await stage.until(jobs.schedule('once', { at: '2026-01-01T01:00Z', run: () => {} }));
    expect(jobs.ids()).toEqual(['nightly', 'once']);

    await stage.clock.advance(2 * 3_600_000);

    expect(stage.begun()).toEqual([3_600_000, 7_200_000]);
    expect(jobs.ids()).toEqual(['nightly']);
    await stage.stop();
  });

  it('serves whoever needs it', async () => {
    const jobs = scheduler('jobs');
    const api = service('api', { needs: { jobs } }, async (ctx) => {
      await ctx.needs.jobs.schedule('sync', { every: '10s', immediately: false, run: () => {} });
      await ctx.sleep('1d');
    });
    const stage = await Stage.of(jobs, api);

    await stage.clock.advance(10_000);

    expect(stage.begun('app/jobs/sync')).toEqual([10_000]);
    await stage.stop();
  });
});
