import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { type AnyJob, queue, service, worker } from '../../src/index.ts';
import { Office } from './office.ts';

const items = queue<string>('items', {
  maxAttempts: 2,
  backoff: { first: '1s', jitter: 'none' },
});

/** What tells whose job it is. */
function facts({ id, queue, payload, workspaceId, trigger, attempt, maxAttempts }: AnyJob) {
  return { id, queue, payload, workspaceId, trigger, attempt, maxAttempts };
}

describe('the context of a job', () => {
  it('is complete before its handler begins, for what is made per job as well', async () => {
    const seen: unknown[] = [];
    const office = new Office([
      worker(
        items,
        {
          perJob: {
            early: (job) => {
              seen.push(facts(job as unknown as AnyJob));
              return {};
            },
          },
        },
        (job) => {
          void job.needs.early;
          seen.push(facts(job));
        },
      ),
    ]);
    await office.start();
    const { id } = await office.jobs.enqueue(items, 'x', { workspaceId: 'w1', maxAttempts: 3 });
    await office.over(items, id);

    const expected = {
      ...{ id, queue: 'items', payload: 'x', workspaceId: 'w1' },
      ...{ trigger: 'enqueue', attempt: 1, maxAttempts: 3 },
    };
    expect(seen).toEqual([expected, expected]);
  });

  it('is on every line of its log, and on none of others', async () => {
    const lines: Record<string, unknown>[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(JSON.parse(String(chunk)));
        done();
      },
    });
    const office = new Office(
      [
        worker(items, async (job) => {
          job.log.info('begins');
          await job.sleep(10);
          job.log.warn('ends');
        }),
      ],
      { logger: pino({ level: 'info' }, stream) },
    );
    await office.start();
    const added = await office.jobs.enqueueMany(items, [
      { payload: 'a', workspaceId: 'wa' },
      { payload: 'b' },
    ]);
    for (const { id } of added) await office.over(items, id);
    office.ctx.log.info('of the clerk');

    const told = lines.filter(({ msg }) => /begins|ends|clerk/.test(String(msg)));
    const [a, b] = added.map(({ id }) => id);
    const own = { actor: 'app/items', queue: 'items', attempt: 1, incarnation: 1 };
    expect(told).toMatchObject([
      { msg: 'begins', job: a, workspaceId: 'wa', ...own },
      { msg: 'begins', job: b, ...own },
      { msg: 'ends', job: a, workspaceId: 'wa', ...own },
      { msg: 'ends', job: b, ...own },
      { msg: 'of the clerk', actor: 'app/clerk' },
    ]);
    expect(told.map((line) => 'workspaceId' in line)).toEqual([true, false, true, false, false]);
    expect('job' in (told.at(-1) ?? {})).toBe(false);
  });

  it('may change settings for this job only, also beside others', async () => {
    const flags = service('flags', { start: () => ({ beta: false, limit: 10 }) });
    const seen = new Map<string, unknown[]>();
    const office = new Office([
      flags,
      worker(
        items,
        {
          needs: { flags },
          perJob: {
            flags: (job, { flags }) => ({ ...flags, ...(job.workspaceId && { beta: true }) }),
          },
        },
        async (job) => {
          const found = [];
          for (let look = 0; look < 2; look++) {
            found.push({ ...job.needs.flags });
            // Nobody else sees this.
            job.needs.flags.limit++;
            await job.sleep(10);
          }
          seen.set(job.payload, found);
        },
      ),
    ]);
    await office.start();
    await office.jobs.enqueueMany(items, [
      { payload: 'tester', workspaceId: 'testers' },
      { payload: 'anybody' },
    ]);
    await office.clock.advance(100);
    await office.jobs.enqueue(items, 'later');
    await office.clock.advance(100);

    const [first, second] = [{ limit: 10 }, { limit: 11 }];
    expect(Object.fromEntries(seen)).toEqual({
      tester: [first, second].map((one) => ({ ...one, beta: true })),
      anybody: [first, second].map((one) => ({ ...one, beta: false })),
      later: [first, second].map((one) => ({ ...one, beta: false })),
    });
    expect(office.system.value(flags)).toEqual({ beta: false, limit: 10 });
  });
});

describe('the scope of a job', () => {
  it('is one for each attempt: made, used, given back, and only then is it settled', async () => {
    const diary: string[] = [];
    const office = new Office([
      worker(
        items,
        {
          concurrency: 1,
          perJob: {
            state: (job) => {
              diary.push(`+${job.payload} ${job.attempt}`);
              return {
                uses: 0,
                [Symbol.asyncDispose]: async () => {
                  await office.wait(10);
                  diary.push(`-${job.payload} ${job.attempt}`);
                  throw new Error('cannot close');
                },
              };
            },
          },
        },
        (job) => {
          job.needs.state.uses++;
          if (job.attempt === 1) throw new Error(`no ${job.payload}`);
          return job.needs.state.uses;
        },
      ),
    ]);
    office.system.events$.subscribe((event) => {
      if (event.type === 'job' && event.status !== 'added') diary.push(event.status);
    });
    await office.start();
    const [a, b] = await office.jobs.enqueueMany(items, [{ payload: 'a' }, { payload: 'b' }]);
    await office.clock.advance(5_000);

    expect(diary).toEqual([
      ...['started', '+a 1', '-a 1', 'retrying'],
      ...['started', '+b 1', '-b 1', 'retrying'],
      ...['started', '+a 2', '-a 2', 'completed'],
      ...['started', '+b 2', '-b 2', 'completed'],
    ]);
    // What could not be closed is told, for each of them, and changes nothing.
    const [ofA, ofB] = [a?.id, b?.id];
    expect(office.all('stray-error').map(({ job }) => job)).toEqual([ofA, ofB, ofA, ofB]);
    expect(await office.jobs.get(items, String(ofA))).toMatchObject({ result: 1, attempt: 2 });
  });

  it('that ends changes nothing for another, and that one sees only its own', async () => {
    const made: string[] = [];
    const gone: string[] = [];
    const perJob = {
      early: (job: { payload: string }) => thing(`early ${job.payload}`),
      late: (job: { payload: string }) => thing(`late ${job.payload}`),
    };
    function thing(name: string) {
      made.push(name);
      return { name, [Symbol.dispose]: () => void gone.push(name) };
    }
    const seen: string[] = [];
    const office = new Office([
      worker(items, { perJob }, async (job) => {
        const { early } = job.needs;
        await job.sleep(job.payload === 'short' ? 10 : 100);
        if (job.payload === 'long') {
          expect(gone).toEqual(['late short', 'early short']);
          expect(job.needs.early).toBe(early);
        }
        seen.push(job.needs.early.name, job.needs.late.name);
      }),
    ]);
    await office.start();
    await office.jobs.enqueueMany(items, [{ payload: 'short' }, { payload: 'long' }]);
    await office.clock.advance(200);

    expect(made).toEqual(['early short', 'early long', 'late short', 'late long']);
    expect(seen).toEqual(['early short', 'late short', 'early long', 'late long']);
    expect(gone).toEqual(['late short', 'early short', 'late long', 'early long']);
  });
});
