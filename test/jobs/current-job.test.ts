import { describe, expect, it } from 'vitest';
import {
  type AnyJob,
  currentJob,
  every,
  queue,
  service,
  tasks,
  topic,
  worker,
} from '../../src/index.ts';
import { Office } from './office.ts';

const items = queue<string>('items', { maxAttempts: 1 });
const added = queue<string>('added');

/** Whose job the code that calls it takes itself for. */
function whose(): string {
  try {
    return `of ${currentJob().payload}`;
  } catch (error) {
    return (error as Error).message;
  }
}

const nobodys = 'currentJob() was called outside a handler.';

/** Keeps for whom jobs were added. */
function clerk() {
  const forWhom: string[] = [];
  const definition = worker(added, ({ payload, workspaceId }) => {
    forWhom.push(`${payload} for ${workspaceId}`);
  });
  return { forWhom, definition };
}

describe('currentJob()', () => {
  it('is the job of the handler, across awaits, and nobody else', async () => {
    let late: Promise<unknown> = Promise.resolve();
    const seen: string[] = [];
    const office = new Office([
      worker(items, async (job: AnyJob) => {
        await job.sleep(10);
        seen.push(whose());
        late = office.wait(1_000).then(() => currentJob());
        late.catch(() => {});
      }),
    ]);
    await office.start();
    expect(() => currentJob()).toThrow(
      expect.objectContaining({ code: 'DARUMA_NO_JOB', message: nobodys }),
    );
    const { id } = await office.jobs.enqueue(items, 'x');
    await office.over(items, id);
    expect(seen).toEqual(['of x']);
    await office.clock.advance(1_000);
    await expect(late).rejects.toThrow('by code that outlived its job');
  });

  it('stays that of each, however jobs are nested in each other', async () => {
    const seen: string[] = [];
    const look = (job: AnyJob) => seen.push(`${job.payload} ${whose()} for ${job.workspaceId}`);
    const office = new Office([
      worker(items, async (job: AnyJob) => {
        look(job);
        if (job.payload === 'outer') {
          const inner = await job.jobs.enqueueMany(items, [
            { payload: 'a', workspaceId: 'wa' },
            { payload: 'b', workspaceId: 'wb' },
          ]);
          for (const { id } of inner) await job.jobs.wait(items, id);
        } else {
          await job.sleep(job.payload === 'a' ? 20 : 10);
        }
        look(job);
      }),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'outer', { workspaceId: 'w' });

    expect(await office.over(items, id)).toMatchObject({ state: 'completed' });
    expect(seen).toEqual([
      'outer of outer for w',
      ...['a of a for wa', 'b of b for wb', 'b of b for wb', 'a of a for wa'],
      'outer of outer for w',
    ]);
  });

  it('is there for what is disposed of with the job', async () => {
    const seen: string[] = [];
    const office = new Office([
      worker(
        items,
        { perJob: { thing: () => ({ [Symbol.dispose]: () => seen.push(`thing ${whose()}`) }) } },
        (job) => {
          void job.needs.thing;
          job.defer(() => seen.push(`deferred ${whose()}`));
          throw new Error('no');
        },
      ),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');
    await office.over(items, id);

    expect(seen).toEqual(['deferred of x', 'thing of x']);
  });

  it('is that of no service which a job restarts, nor of what that does from then on', async () => {
    const seen: string[] = [];
    const { forWhom, definition } = clerk();
    const meter = service('meter', { start: () => void seen.push(whose()) });
    const hourly = every('hourly', '1h', async (ctx) => {
      seen.push(whose());
      await ctx.jobs.enqueue(added, 'hourly');
    });
    const office: Office = new Office([
      meter,
      hourly,
      definition,
      worker(items, async () => {
        for (const path of ['app/meter', 'app/hourly']) {
          await office.system.ref(path as 'app').restart();
        }
      }),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x', { workspaceId: 'w' });
    await office.over(items, id);
    await office.clock.advance(3_600_000);

    expect(seen).toEqual([nobodys, nobodys, nobodys]);
    expect(forWhom).toEqual(['hourly for undefined']);
  });

  it('is that of no other service which a job tells something, nor of listeners', async () => {
    const seen: string[] = [];
    const { forWhom, definition } = clerk();
    const news = topic<string>('news');
    const helpers = tasks('helpers');
    const desk = service('desk', {
      receive: {
        note: async (text: string, ctx) => {
          seen.push(`note ${whose()}`);
          await ctx.sleep(10);
          await ctx.jobs.enqueue(added, text);
        },
      },
      start: (ctx) => {
        ctx.bus.on(news, () => void seen.push(`bus ${whose()}`));
      },
    });
    const office: Office = new Office([
      desk,
      helpers,
      definition,
      worker(items, { needs: { helpers } }, async (job) => {
        job.progress(0.5);
        // The second comes while the first is being handled.
        job.send(desk, 'note', job.payload);
        job.bus.emit(news, job.payload);
        await job.needs.helpers.submit(job.id, () => seen.push(`task ${whose()}`)).result;
        await job.sleep(30);
        seen.push(`handler ${whose()}`);
      }),
    ]);
    await office.start();
    office.system.events$.subscribe(({ type }) => {
      if (type === 'job') seen.push(`listener ${whose()}`);
    });
    await office.jobs.enqueueMany(items, [
      { payload: 'a', workspaceId: 'wa' },
      { payload: 'b', workspaceId: 'wb' },
    ]);
    await office.clock.advance(1_000);

    const told = seen.filter((line) => !line.startsWith('handler'));
    const kinds = ['bus', 'listener', 'note', 'task'].map((kind) => `${kind} ${nobodys}`);
    expect([...new Set(told)].sort()).toEqual(kinds);
    expect(seen.filter((line) => line.startsWith('handler'))).toEqual([
      'handler of a',
      'handler of b',
    ]);
    expect(forWhom).toEqual(['a for undefined', 'b for undefined']);
  });
});
