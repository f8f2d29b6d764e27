import { describe, expect, it } from 'vitest';
import { currentJob, queue, service, supervisor, worker } from '../../src/index.ts';
import { Lab } from '../kernel/lab.ts';
import { Desk, Office } from './office.ts';

const items = queue<string>('items', { maxAttempts: 1, timeout: '10s', cancelWithin: '1s' });

/** Says when things are made and disposed of. */
class Diary {
  readonly lines: string[] = [];

  thing(name: string) {
    this.lines.push(`+${name}`);
    return {
      name,
      [Symbol.asyncDispose]: async () => {
        await Promise.resolve();
        this.lines.push(`-${name}`);
      },
    };
  }
}

describe('what is made per job', () => {
  it('is made when it is first touched, once, and disposed of in reverse', async () => {
    const diary = new Diary();
    const office = new Office([
      worker(
        items,
        {
          perJob: {
            a: (job) => {
              const b = job.needs.b as { name: string };
              return diary.thing(`a on ${b.name}`);
            },
            b: (job) => diary.thing(`b of ${job.payload}`),
            never: () => diary.thing('never'),
          },
        },
        (job) => {
          diary.lines.push('begins');
          expect(job.needs.a).toBe(job.needs.a);
          job.defer(() => diary.lines.push('deferred'));
          job.use(diary.thing('used'));
          expect(job.needs.b.name).toBe('b of x');
        },
      ),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');
    await office.over(items, id);

    expect(diary.lines).toEqual([
      'begins',
      '+b of x',
      '+a on b of x',
      '+used',
      '-used',
      'deferred',
      '-a on b of x',
      '-b of x',
    ]);
  });

  it('is disposed of however the job ends: failure, cancel, timeout, stop, abandonment', async () => {
    const ends: Record<string, (office: Office, desk: Desk<string>, id: string) => unknown> = {
      success: (_office, desk) => desk.finish(),
      failure: (_office, desk) => desk.fail(new Error('no')),
      cancel: (office, _desk, id) => office.jobs.cancel(items, id),
      timeout: (office) => office.clock.advance(10_000),
      stop: (office) => office.until(office.system.ref('app/items').stop()),
    };
    for (const handler of ['obedient', 'deaf'] as const) {
      for (const [how, end] of Object.entries(ends)) {
        const diary = new Diary();
        const desk = new Desk<string>();
        const perJob = { thing: () => diary.thing('thing') };
        const office = new Office([
          worker(items, { perJob, stopWithin: '1s' }, (job) => {
            void job.needs.thing;
            return desk[handler](job);
          }),
        ]);
        await office.start();
        const { id } = await office.jobs.enqueue(items, 'x');
        await office.clock.settle();
        await end(office, desk, id);
        await office.clock.advance(1_500);
        desk.finish();
        await office.clock.advance(1_500);

        expect(diary.lines, `${handler} ${how}`).toEqual(['+thing', '-thing']);
      }
    }
  });

  it('is of its own for each job, also beside each other', async () => {
    const seen = new Map<string, Set<unknown>>();
    const office = new Office([
      worker(items, { perJob: { state: () => ({ of: '' }) } }, async (job) => {
        const mine = seen.get(job.payload) ?? new Set();
        seen.set(job.payload, mine);
        for (let round = 0; round < 3; round++) {
          job.needs.state.of ||= job.payload;
          mine.add(job.needs.state);
          expect(job.needs.state.of).toBe(job.payload);
          expect(currentJob().id).toBe(job.id);
          await job.sleep(10);
        }
      }),
    ]);
    await office.start();
    const added = await office.jobs.enqueueMany(items, [{ payload: 'a' }, { payload: 'b' }]);
    for (const { id } of added) {
      expect(await office.over(items, id)).toMatchObject({ state: 'completed' });
    }
    const [a, b] = [...seen.values()];
    expect([a?.size, b?.size]).toEqual([1, 1]);
    expect([...(a ?? [])][0]).not.toBe([...(b ?? [])][0]);
  });

  it('goes before what the worker needs under the same name, and the handler cannot tell', async () => {
    const flags = service('flags', { start: () => ({ beta: false }) });
    const handler = (job: { needs: { flags: { beta: boolean } } }) => job.needs.flags.beta;
    const shared = worker(items, { name: 'shared', needs: { flags } }, handler);
    const own = worker(
      queue<string>('others'),
      { needs: { flags }, perJob: { flags: (_job, needs) => ({ ...needs.flags, beta: true }) } },
      handler,
    );
    const lab = new Lab(supervisor('app', [flags, shared, own]), { storage: 'memory' });
    await lab.start();
    const { jobs } = lab.system;
    const first = await jobs.enqueue(items, 'x');
    const second = await jobs.enqueue(queue<string>('others'), 'x');

    expect(await lab.until(jobs.wait(items, first.id))).toMatchObject({ result: false });
    expect(await lab.until(jobs.wait('others', second.id))).toMatchObject({ result: true });
    expect(lab.system.value(flags)).toEqual({ beta: false });
  });

  it('leaves alone what belongs to the worker', async () => {
    const diary = new Diary();
    const pool = service('pool', { start: () => diary.thing('pool') });
    const own = worker(
      items,
      { needs: { pool }, perJob: { again: (_job, needs) => needs.pool } },
      (job) => job.needs.again.name,
    );
    const lab = new Lab(supervisor('app', [pool, own]), { storage: 'memory' });
    await lab.start();
    const { id } = await lab.system.jobs.enqueue(items, 'x');

    expect(await lab.until(lab.system.jobs.wait(items, id))).toMatchObject({ result: 'pool' });
    expect(diary.lines).toEqual(['+pool']);
  });

  it('may take its time; one that is still being made is awaited and disposed of', async () => {
    const diary = new Diary();
    const office = new Office([
      worker(
        items,
        {
          perJob: {
            conn: async (job) => {
              await job.sleep(500);
              return diary.thing('conn');
            },
            session: async (job) => {
              const { name } = await (job.needs.conn as Promise<{ name: string }>);
              return diary.thing(`session on ${name}`);
            },
          },
        },
        async (job) => {
          if (job.payload === 'leave') {
            void job.needs.conn.catch(() => {});
            return;
          }
          expect(await job.needs.session).toBe(await job.needs.session);
        },
      ),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'use');
    await office.over(items, id);

    expect(diary.lines).toEqual(['+conn', '+session on conn', '-session on conn', '-conn']);
  });

  it('is made again when it could not be made, and kept also when it is nothing', async () => {
    let tries = 0;
    const office = new Office([
      worker(
        items,
        {
          perJob: {
            shaky: async () => {
              tries++;
              if (tries === 1) throw new Error('not yet');
              return tries;
            },
            nothing: () => {
              tries += 10;
              return undefined;
            },
          },
        },
        async (job) => {
          await expect(job.needs.shaky).rejects.toThrow('not yet');
          expect([job.needs.nothing, job.needs.nothing]).toEqual([undefined, undefined]);
          return await job.needs.shaky;
        },
      ),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');

    expect(await office.over(items, id)).toMatchObject({ result: 12 });
  });

  it('that needs itself is an error that names the way round', async () => {
    const office = new Office([
      worker(
        items,
        { perJob: { a: (job) => job.needs.b, b: (job) => job.needs.c, c: (job) => job.needs.a } },
        (job) => job.needs.a,
      ),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');

    expect(await office.over(items, id)).toMatchObject({
      state: 'dead',
      error: { code: 'DARUMA_NEEDS_CYCLE', message: expect.stringContaining('a -> b -> c -> a') },
    });
  });

  it('is disposed of once, also when it was given to job.use() too', async () => {
    const diary = new Diary();
    const office = new Office([
      worker(items, { perJob: { thing: (job) => job.use(diary.thing('thing')) } }, (job) => {
        job.use(job.needs.thing);
      }),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');
    await office.over(items, id);

    expect(diary.lines).toEqual(['+thing', '-thing']);
  });
});

describe('a disposal', () => {
  it('that fails is reported, changes nothing for the job, and does not stop the others', async () => {
    const diary = new Diary();
    const office = new Office([
      worker(
        items,
        {
          perJob: {
            first: () => diary.thing('first'),
            broken: () => ({
              [Symbol.dispose]: () => {
                diary.lines.push('-broken');
                throw new Error('cannot close');
              },
            }),
          },
        },
        (job) => {
          void job.needs.first;
          void job.needs.broken;
          return 'done';
        },
      ),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');

    expect(await office.over(items, id)).toEqual({ state: 'completed', result: 'done' });
    expect(diary.lines).toEqual(['+first', '-broken', '-first']);
    expect(office.all('stray-error')).toMatchObject([
      { job: id, path: 'app/items', error: { message: 'cannot close' } },
    ]);
  });

  it('comes before the job counts as completed', async () => {
    const states: unknown[] = [];
    const office = new Office([
      worker(items, (job) => {
        job.defer(async () => {
          await job.sleep(500).catch(() => {});
          states.push((await office.jobs.get(items, job.id))?.state);
        });
      }),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');
    await office.over(items, id);

    expect(states).toEqual(['active']);
  });

  it('that never ends holds the job up for as long as cancelWithin, and is reported', async () => {
    const office = new Office([
      worker(items, (job) => {
        job.defer(() => new Promise(() => {}));
        return 'done';
      }),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x');

    expect(await office.over(items, id)).toEqual({ state: 'completed', result: 'done' });
    expect(office.clock.monotonic()).toBeGreaterThanOrEqual(1_000);
    expect(office.all('stray-error')).toMatchObject([
      { job: id, error: { message: expect.stringMatching(/not disposed of within 1s/) } },
    ]);
  });
});
