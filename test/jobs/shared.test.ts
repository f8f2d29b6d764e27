import { describe, expect, it } from 'vitest';
import { type Context, queue, service, worker } from '../../src/index.ts';
import { Desk, Office, SharedEngine } from './office.ts';

const items = queue<string, unknown>('items', { maxAttempts: 1 });

describe('what the jobs of a worker share', () => {
  it('is there before any of them is claimed', async () => {
    const engine = new SharedEngine();
    const before = await new Office([], {}, engine).start();
    const { id } = await before.jobs.enqueue(items, 'from before');
    let pools = 0;
    const pool = service('pool', {
      start: async (ctx) => {
        await ctx.sleep('3s');
        return { number: ++pools };
      },
    });
    const seen: unknown[] = [];
    const office = new Office(
      [
        worker(items, { needs: { pool } }, (job) => {
          seen.push([job.payload, job.needs.pool.number, office.clock.monotonic()]);
        }),
        pool,
      ],
      { clock: before.clock, seed: 2 },
      engine,
    );
    const started = office.begin();
    await office.clock.advance(2_999);
    expect(engine.requests.flat()).not.toContain('jobs.claim');
    expect(await before.jobs.get(items, id)).toMatchObject({ state: 'ready' });
    await office.clock.advance(1);
    await started;
    await office.jobs.enqueue(items, 'next');
    await office.clock.settle();

    expect(seen).toEqual([
      ['from before', 1, 3_000],
      ['next', 1, 3_000],
    ]);
  });

  it('is made once, what is per job once for each, and neither sees what is below it', async () => {
    const made: string[] = [];
    const contexts: Context[] = [];
    const pool = service('pool', {
      start: (ctx) => {
        contexts.push(ctx as unknown as Context);
        made.push('pool');
        return { cursor: () => ({}) };
      },
    });
    const below: boolean[] = [];
    const office = new Office([
      pool,
      worker(
        items,
        {
          needs: { pool },
          perJob: {
            session: (job, needs) => {
              below.push('session' in needs, 'session' in job.needs);
              made.push(`session ${job.payload}`);
              return { cursor: () => needs.pool.cursor() };
            },
            nothing: () => {
              made.push('nothing');
              return undefined;
            },
          },
        },
        (job) => {
          const { needs } = job;
          expect(Object.keys(needs).sort()).toEqual(['nothing', 'pool', 'session']);
          expect(needs.pool).toBe(office.system.value(pool));
          expect(needs.session).toBe(needs.session);
          expect([needs.nothing, needs.nothing]).toEqual([undefined, undefined]);
          // Made for each who asks.
          expect(needs.session.cursor()).not.toBe(needs.session.cursor());
          return needs.session;
        },
      ),
    ]);
    await office.start();
    for (const payload of ['a', 'b']) {
      const { id } = await office.jobs.enqueue(items, payload);
      expect(await office.over(items, id)).toMatchObject({ state: 'completed' });
    }

    expect(made).toEqual(['pool', 'session a', 'nothing', 'session b', 'nothing']);
    // Those above do not see it, whoever looks.
    expect(below).toEqual([false, true, false, true]);
    expect(contexts.map(({ needs }) => Object.keys(needs as object))).toEqual([[]]);
  });

  it('is made anew when a list that it is made of changes, and a job at hand begins again', async () => {
    const servers = ['one'];
    const list = service('list', { start: () => [...servers] });
    const pool = service('pool', {
      needs: { list },
      start: (ctx) => ({ of: ctx.needs.list.join('+') }),
    });
    const desk = new Desk<string>();
    const made: string[] = [];
    const office = new Office([
      list,
      service('stranger', { start: () => 'uses none of it' }),
      pool,
      worker(
        items,
        {
          needs: { pool },
          perJob: {
            session: (_job, needs) => {
              const { of } = needs.pool;
              made.push(`+${of}`);
              return { of, [Symbol.dispose]: () => void made.push(`-${of}`) };
            },
          },
        },
        async (job) => {
          void job.needs.session;
          await desk.obedient(job as never);
          return job.needs.session.of;
        },
      ),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');
    await office.clock.settle();
    servers.push('two');
    await office.until(office.system.ref('app/list').restart());
    await office.clock.settle();
    desk.finish();

    expect(await office.over(items, id)).toEqual({ state: 'completed', result: 'one+two' });
    expect(made).toEqual(['+one', '-one', '+one+two', '-one+two']);
    // It was given back, and still has its only attempt.
    expect(office.story(id)).toEqual(['added', 'started', 'released', 'started', 'completed']);
    expect(office.log('app/stranger').filter((line) => line.startsWith('ready'))).toHaveLength(1);
    expect(office.log('app/pool').filter((line) => line.startsWith('ready'))).toHaveLength(2);
  });

  it('is made anew also after jobs have ended: their end has nothing to do with it', async () => {
    let version = 0;
    const settings = service('settings', { start: () => ++version });
    const reader = service('reader', { needs: { settings }, start: (ctx) => ctx.needs.settings });
    const office = new Office([
      settings,
      reader,
      worker(
        items,
        { needs: { settings, reader }, perJob: { own: () => ({ [Symbol.dispose]: () => {} }) } },
        ({ needs }) => [needs.settings, needs.reader, typeof needs.own],
      ),
    ]);
    await office.start();
    const results: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      const { id } = await office.jobs.enqueue(items, 'x');
      results.push(await office.over(items, id));
      await office.until(office.system.ref('app/settings').restart());
    }

    expect(results).toMatchObject([1, 2, 3].map((nth) => ({ result: [nth, nth, 'object'] })));
  });
});
