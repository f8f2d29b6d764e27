import { describe, expect, it } from 'vitest';
import { cron, every, service } from '../../../src/index.ts';
import { Job, Stage } from './stage.ts';

describe('the stop of a schedule', () => {
  it('cancels the run in flight, waits for it, and only then lets go of what it needs', async () => {
    const log: string[] = [];
    const database = service('database', {
      start: (ctx) => ctx.defer(() => log.push('database closed')),
    });
    const stage = await Stage.of(
      database,
      every('sync', '1m', { needs: { database } }, async (ctx) => {
        ctx.signal.addEventListener('abort', () => log.push('cancelled'));
        await stage.wait(3_000);
        log.push('run over');
      }),
    );
    await stage.clock.advance(61_000);

    await stage.until(stage.system.ref('app/database').stop());

    expect(log).toEqual(['cancelled', 'run over', 'database closed']);
    expect(stage.runs('cancelled')).toHaveLength(1);
    expect(stage.clock.pendingTimers).toBe(0);
    await stage.stop();
  });

  it('begins nothing any more, also not what was waiting', async () => {
    const job = new Job();
    const stage = await Stage.of(every('sync', '1m', { overlap: 'queue' }, job.work));
    await stage.clock.advance(130_000);

    await stage.stop();
    await stage.clock.advance(600_000);

    expect(stage.begun()).toEqual([60_000]);
    expect(stage.skips()).toEqual(['closed 1']);
  });

  it('is bounded by stopWithin: a run that does not listen is abandoned and named', async () => {
    const options = { stopWithin: '2s' } as const;
    const stage = await Stage.of(every('deaf', '1m', options, () => stage.wait(600_000)));
    await stage.clock.advance(61_000);

    await stage.until(stage.system.ref('app/deaf').stop());

    expect(stage.all('unstopped')).toMatchObject([{ path: 'app/deaf', at: 63_000 }]);
    expect((await stage.stop()).unstopped).toEqual(['app/deaf']);
  });

  it('wakes a run that sleeps, and one that waits for its next attempt', async () => {
    const stage = await Stage.of(
      every('sleeper', '1m', (ctx) => ctx.sleep('1d')),
      every('retrier', '1m', { retry: { maxAttempts: 9, backoff: { first: '20s' } } }, () => {
        throw new Error('no');
      }),
    );
    await stage.clock.advance(60_000);

    await stage.until(stage.system.ref('app/sleeper').stop());
    await stage.until(stage.system.ref('app/retrier').stop());

    expect(stage.clock.monotonic()).toBe(60_000);
    expect(stage.runs('cancelled').map(({ path }) => path)).toEqual(['app/sleeper', 'app/retrier']);
    await stage.stop();
  });

  it('lets the run in flight end on a drain, and takes no more ticks in', async () => {
    const job = new Job();
    const stage = await Stage.of(every('sync', '10s', { overlap: 'queue' }, job.work));
    await stage.clock.advance(10_000);

    const stopped = stage.system.stop();
    await stage.clock.advance(11_000);
    expect(job.call.ctx.signal.aborted).toBe(false);
    job.call.finish();
    await stage.until(stopped);

    expect(stage.runs('completed')).toHaveLength(1);
    expect(stage.begun()).toEqual([10_000]);
    expect(stage.log('app/sync').slice(-5)).toEqual([
      'draining app/sync',
      'schedule-run app/sync',
      'drained app/sync',
      'stop-requested app/sync',
      'ended app/sync',
    ]);
  });

  it('holds also for a drain in the moment in which it is ready', async () => {
    const slow = service('slow', { start: () => {}, drain: (ctx) => ctx.sleep('5s') });
    const stage = await Stage.of(
      slow,
      every('sync', '1s', () => {}),
    );
    stage.system.events$.subscribe((event) => {
      if (event.type === 'ready' && event.incarnation === 2) void stage.system.stop();
    });

    void stage.system.ref('app/sync').restart();
    await stage.until(stage.system.stopped());

    expect(stage.log('app/sync').slice(-4)).toEqual([
      'draining app/sync',
      'drained app/sync',
      'stop-requested app/sync',
      'ended app/sync',
    ]);
  });

  it('is remembered: what came due while it was down counts as missed', async () => {
    const report = cron('report', '0 * * * *', () => {});
    const poll = every('poll', '1h', () => {});
    const stage = await Stage.of(report, poll);
    const refs = [stage.system.ref('app/report'), stage.system.ref('app/poll')];
    await stage.clock.advance(3_600_000 + 60_000);

    for (const ref of refs) await stage.until(ref.stop());
    await stage.clock.advance(3 * 3_600_000);
    for (const ref of refs) await stage.until(ref.start());
    await stage.clock.advance(0);

    expect(stage.dues('app/report')).toEqual(['2026-01-01T01:00', '2026-01-01T04:00']);
    expect(stage.skips('app/report')).toEqual(['missed 2']);
    expect(stage.begun('app/poll')).toEqual([3_600_000]);
    expect(stage.handle(report).counts).toMatchObject({ started: 2, missed: 2 });
    await stage.stop();
  });
});
