import { describe, expect, it } from 'vitest';
import { every, type RunContext, topic } from '../../../src/index.ts';
import { Job, Stage } from './stage.ts';

const rows = topic<number>('rows');

describe('what a run holds', () => {
  it('ends with its attempt, and not with its incarnation', async () => {
    const seen: RunContext[] = [];
    const heard: number[] = [];
    const stage = await new Stage([
      every('import', '10s', async (ctx) => {
        seen.push(ctx);
        ctx.bus.on(rows, () => heard.push(ctx.run));
        ctx.notify.schedule(ctx.now() + 5_000, 'Takes long');
        await ctx.sleep('1s');
      }),
    ]).start();
    await stage.clock.advance(10_500);
    stage.system.bus.emit(rows, 1);
    await stage.clock.advance(1_000);
    expect(stage.system.bus.subscribers(rows)).toBe(0);
    await stage.clock.advance(9_000);
    stage.system.bus.emit(rows, 2);
    await stage.clock.advance(9_000);

    expect(heard).toEqual([1, 2]);
    expect(stage.all('notification')).toEqual([]);
    expect(() => seen[0]?.bus.emit(rows, 3)).toThrow(/is over/);
    await stage.stop();
  });

  it('is waited for: a handler that is under way when the work is over', async () => {
    const job = new Job();
    const stage = await new Stage([every('import', '10s', job.work)]).start();
    await stage.clock.advance(10_000);
    job.calls[0]?.ctx.bus.on(rows, () => stage.wait(700));
    stage.system.bus.emit(rows, 1);
    await stage.clock.settle();
    job.calls[0]?.finish();
    await stage.clock.advance(699);
    expect(stage.runs('completed')).toEqual([]);
    await stage.clock.advance(1);

    expect(stage.runs('completed')).toHaveLength(1);
    await stage.stop();
  });

  it('is of its service where it is stored or measured', async () => {
    const stage = await new Stage(
      [
        every('import', '10s', async ({ storage, metrics, run }) => {
          await storage.set('run', run);
          metrics.counter('runs').add();
        }),
      ],
      { storage: 'memory' },
    ).start();
    await stage.clock.advance(20_500);

    const [counted] = stage.system.metrics.snapshot().filter(({ name }) => name === 'runs');
    expect(counted?.series).toEqual([{ labels: { actor: 'app/import' }, value: 2 }]);
    await stage.stop();
  });
});
