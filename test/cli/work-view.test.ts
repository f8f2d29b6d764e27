import { describe, expect, it } from 'vitest';
import { type TaskContext, tasks } from '../../src/index.ts';
import { Stage } from './stage.ts';

const worker = tasks('worker');

/** Three steps of a second, the last one without a word. */
const steps = async (ctx: TaskContext<undefined>) => {
  ctx.progress({ done: 0, total: 3, text: 'fetching' });
  await ctx.sleep('1s');
  ctx.progress({ done: 1, total: 3, text: 'reading' });
  await ctx.sleep('1s');
  ctx.progress({ done: 2, total: 3 });
  await ctx.sleep('1s');
};

async function workingStage(isTerminal = true) {
  const stage = new Stage([worker], { isTerminal });
  await stage.run();
  const submit = (id: string) => stage.system.value(worker)?.submit(id, steps);
  return { stage, submit };
}

describe('the view of work', () => {
  it('is a line that says how far a task is, and goes with it', async () => {
    const { stage, submit } = await workingStage();
    submit('import-7');
    await stage.clock.advance(100);
    expect(stage.live).toMatchInlineSnapshot(`"import-7 ▱▱▱▱▱▱▱▱▱▱ 0% fetching"`);

    await stage.clock.advance(1_000);
    expect(stage.live).toMatchInlineSnapshot(`"import-7 ▰▰▰▱▱▱▱▱▱▱ 33% reading"`);

    await stage.clock.advance(1_000);
    expect(stage.live).toMatchInlineSnapshot(`"import-7 ▰▰▰▰▰▰▱▱▱▱ 66%"`);

    await stage.clock.advance(1_000);
    expect(stage.live).toBeUndefined();
  });

  it('names two, and counts the others', async () => {
    const { stage, submit } = await workingStage();
    for (const id of ['a', 'b', 'c', 'd']) submit(id);
    await stage.clock.advance(100);

    expect(stage.live).toMatchInlineSnapshot(
      `"a ▱▱▱▱▱▱▱▱▱▱ 0% fetching · b ▱▱▱▱▱▱▱▱▱▱ 0% fetching · 2 more"`,
    );
  });

  it('gives way to that of a stop', async () => {
    const { stage, submit } = await workingStage();
    submit('import-7');
    await stage.clock.advance(100);
    await stage.signal('SIGTERM');
    await stage.clock.advance(1_000);

    expect(stage.live).toMatchInlineSnapshot(
      `"waiting for work in flight: app/worker 1.0s · Ctrl-C again leaves at once"`,
    );
    await stage.clock.advance(5_000);
    expect(await stage.finish()).toBe(0);
    expect(stage.clock.pendingTimers).toBe(0);
  });

  it('shows what has a text alone', async () => {
    const { stage } = await workingStage();
    stage.system.value(worker)?.submit('report', async (ctx) => {
      ctx.progress({ text: 'page 3' });
      await ctx.sleep('1s');
    });
    await stage.clock.advance(100);

    expect(stage.live).toBe('report page 3');
  });

  it('is not there without a terminal', async () => {
    const { stage, submit } = await workingStage(false);
    stage.lines();
    submit('import-7');
    await stage.clock.advance(2_000);

    expect(stage.live).toBeUndefined();
    expect(stage.lines()).toBe('');
  });
});
