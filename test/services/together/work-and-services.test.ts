import { describe, expect, it } from 'vitest';
import { service, supervisor, type TaskContext, tasks } from '../../../src/index.ts';
import { idle, Lab } from '../../kernel/lab.ts';

describe('services beside work on request', () => {
  it('keep what they hold, however much work comes and goes', async () => {
    let opened = 0;
    const database = service('database', {
      start: () => ({ number: ++opened, asked: [] as string[] }),
    });
    const worker = tasks('worker', { needs: { database } });
    const lab = await new Lab(supervisor('app', [database, worker])).start();
    const ask = async (ctx: TaskContext) => {
      await ctx.sleep('1s');
      lab.system.value(database)?.asked.push(ctx.id);
    };

    for (const id of ['a', 'b', 'c']) {
      lab.system.value(worker)?.submit(id, ask);
      await lab.clock.advance(2_000);
    }

    expect(lab.system.value(database)).toEqual({ number: 1, asked: ['a', 'b', 'c'] });
    await lab.stop();
  });

  it('go on while nothing is asked of them, and are read as they are now', async () => {
    const cache = service('cache', {
      start: () => ({ rows: 0 }),
      run: async (ctx, value) => {
        for (;;) {
          await ctx.sleep('1s');
          value.rows++;
        }
      },
    });
    const lab = await new Lab(supervisor('app', [cache])).start();
    const handleRequest = () => lab.system.value(cache)?.rows;

    const seen = [handleRequest()];
    await lab.clock.advance(3_000);
    seen.push(handleRequest());

    expect(seen).toEqual([0, 3]);
    await lab.stop();
  });

  it('hand over one result when all the parts of it have come', async () => {
    const handedOver: string[][] = [];
    const parts = new Set<string>();
    const aggregator = service(
      'aggregator',
      {
        receive: {
          part: (part: string) => {
            parts.add(part);
            if (parts.size === 3) handedOver.push([...parts].sort());
          },
        },
      },
      idle,
    );
    const worker = tasks('worker');
    const lab = await new Lab(supervisor('app', [aggregator, worker])).start();

    for (const [part, ms] of Object.entries({ left: 300, right: 100, middle: 200 })) {
      lab.system.value(worker)?.submit(part, async (ctx) => {
        await ctx.sleep(ms);
        lab.system.ref('app/aggregator').send('part', part);
      });
    }
    await lab.clock.advance(299);
    const before = [...handedOver];
    await lab.clock.advance(1);

    expect(before).toEqual([]);
    expect(handedOver).toEqual([['left', 'middle', 'right']]);
    await lab.stop();
  });
});
