import { describe, expect, it } from 'vitest';
import { every } from '../../../src/index.ts';
import { Job, Stage } from './stage.ts';

describe('a tick while a run is under way', () => {
  it('is skipped and counted by default: work slower than its period never piles up', async () => {
    const job = new Job();
    const slow = every('slow', '50ms', job.work);
    const stage = await Stage.of(slow);

    await stage.clock.advance(275);
    expect(job.most).toBe(1);
    expect(stage.handle(slow).counts).toMatchObject({ started: 1, skipped: 4 });
    job.call.finish();
    await stage.clock.advance(50);

    expect(stage.begun()).toEqual([50, 300]);
    await stage.stop();
  });

  it('waits with queue, one by default, and begins as soon as the run is over', async () => {
    const job = new Job();
    const stage = await Stage.of(every('slow', '10s', { overlap: 'queue' }, job.work));

    await stage.clock.advance(45_000);
    expect(stage.skips()).toEqual(['overlap 1', 'overlap 1']);
    job.call.finish();
    await stage.clock.settle();

    expect(stage.runs('started').map(({ at, due }) => [at, due])).toEqual([
      [10_000, 10_000],
      [45_000, 20_000],
    ]);
    expect(stage.runs('started')[1]?.latenessMs).toBe(25_000);
    expect(job.most).toBe(1);
    await stage.stop();
  });

  it('waits with queue in any number that is allowed', async () => {
    const job = new Job();
    const options = { overlap: 'queue', maxQueued: 3 } as const;
    const stage = await Stage.of(every('slow', '10s', options, job.work));

    await stage.clock.advance(60_000);

    expect(stage.skips()).toEqual(['overlap 1', 'overlap 1']);
    await stage.stop();
    expect(stage.skips().slice(2)).toEqual(['closed 1', 'closed 1', 'closed 1']);
  });

  it('cancels the run with replace, and begins when that has ended', async () => {
    const job = new Job();
    const hasEnded: number[] = [];
    const stage = await Stage.of(
      every('search', '10s', { overlap: 'replace' }, async (ctx) => {
        ctx.defer(() => stage.wait(500));
        await job.work(ctx).finally(() => hasEnded.push(ctx.run));
      }),
    );

    await stage.clock.advance(20_000);
    expect(hasEnded).toEqual([1]);
    expect(job.calls).toHaveLength(1);
    await stage.clock.advance(500);

    expect(stage.runs('cancelled').map(({ run, at }) => [run, at])).toEqual([[1, 20_500]]);
    expect(stage.begun()).toEqual([10_000, 20_500]);
    expect(job.most).toBe(1);
    await stage.stop();
  });

  it('runs beside it with allow, as many as are allowed', async () => {
    const job = new Job();
    const options = { overlap: 'allow', concurrency: 3 } as const;
    const stage = await Stage.of(every('slow', '10s', options, job.work));

    await stage.clock.advance(50_000);

    expect(job.most).toBe(3);
    expect(stage.skips()).toEqual(['overlap 1', 'overlap 1']);
    job.calls[1]?.finish();
    await stage.clock.advance(10_000);
    expect(stage.begun()).toEqual([10_000, 20_000, 30_000, 60_000]);
    await stage.stop();
  });

  it('does not wait for other schedules: a hung one starves nobody', async () => {
    const stuck = new Job();
    const stage = await Stage.of(
      every('stuck', '100ms', stuck.work),
      every('other', '100ms', () => {}),
    );

    await stage.clock.advance(1_000);

    expect(stage.begun('app/stuck')).toHaveLength(1);
    expect(stage.begun('app/other')).toHaveLength(10);
    await stage.stop();
  });
});
