import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  every,
  inTransaction,
  queue,
  type Schedule,
  supervisor,
  type TickTransaction,
} from '../../../src/index.ts';
import { Cluster, type Replica } from '../../jobs/replicas.ts';

const minuteMs = 60_000;
const reports = queue<{ readonly day: string }>('reports');

type App = ReturnType<typeof appOf>;

function appOf(fn: TickTransaction, options: object) {
  return supervisor('app', [
    every('nightly', '1m', { once: 'cluster', ...options }, inTransaction(fn)),
  ]);
}

const enqueue: TickTransaction = (tx, { due }) =>
  tx.enqueue(reports, { day: due.toISOString().slice(11, 16) });

/** A cluster whose ticks enqueue a job each, and the jobs that are there. */
function cluster(fn: TickTransaction = enqueue, options: object = {}) {
  const made = new Cluster(() => appOf(fn, options));
  const jobs = async () => {
    const query = { queue: 'reports', state: 'ready', offset: 0, limit: 1_000 } as const;
    const [rows] = await made.engine.submit([['jobs.list', query]]);
    return rows.map(({ payload }) => JSON.parse(payload).day as string).sort();
  };
  return { made, jobs };
}

const countsOf = ({ system }: Replica<App>) =>
  (system.ref('app/nightly').value() as Schedule).counts;

function runsOf({ events }: Replica<App>): string[] {
  return events.flatMap((event) => (event.type === 'schedule-run' ? [event.status] : []));
}

describe('a schedule whose work is a transaction', () => {
  it('stores what it does for a tick once, whoever does it', async () => {
    const { made, jobs } = cluster();
    const replicas = [await made.start('a'), await made.start('b'), await made.start('c')];
    await made.advance(5 * minuteMs);

    expect(await jobs()).toEqual(['00:01', '00:02', '00:03', '00:04', '00:05']);
    const counts = replicas.map(countsOf);
    expect(counts.reduce((sum, { completed }) => sum + completed, 0)).toBe(5);
    expect(counts.reduce((sum, { elsewhere }) => sum + elsewhere, 0)).toBe(10);
    expect(counts.map(({ failed }) => failed)).toEqual([0, 0, 0]);
  });

  it('loses no tick when its storage fails, and stores none twice when nobody heard', async () => {
    const { made, jobs } = cluster();
    const a = await made.start('a');
    a.line.isCut = true;
    await made.advance(minuteMs + 5_000);
    a.line.isCut = false;
    await made.advance(30_000);
    expect(await jobs()).toEqual(['00:01']);
    a.line.isDeaf = true;
    await made.advance(minuteMs - 30_000);
    a.line.isDeaf = false;
    await made.advance(minuteMs - 10_000);

    expect(await jobs()).toEqual(['00:01', '00:02']);
    expect(runsOf(a).filter((status) => status !== 'retrying')).toEqual([
      ...['started', 'completed'],
      ...['started', 'cancelled'],
    ]);
  });

  it('stores nothing of a tick whose work throws, which another replica may still do', async () => {
    const failing = new Set(['a']);
    const made = new Cluster((who) =>
      appOf(async (tx, tick) => {
        await tx.set('done', tick.run);
        if (failing.has(who)) throw new Error('out of ink');
        await enqueue(tx, tick);
      }, {}),
    );
    const a = await made.start('a');
    const b = await made.start('b');
    await made.advance(2 * minuteMs);

    expect(countsOf(a)).toMatchObject({ failed: 2, completed: 0 });
    expect(countsOf(b)).toMatchObject({ failed: 0, completed: 2 });
  });

  it('is run by hand without a tick', async () => {
    const { made, jobs } = cluster();
    const a = await made.start('a');
    const b = await made.start('b');
    const results = [a, b].map(({ system }) =>
      (system.ref('app/nightly').value() as Schedule).runNow(),
    );
    await made.advance(1);

    expect((await Promise.all(results)).map(({ status }) => status)).toEqual([
      'completed',
      'completed',
    ]);
    expect(await jobs()).toHaveLength(2);
  });

  it('needs no cluster', async () => {
    const { made, jobs } = cluster(enqueue, { once: 'replica' });
    await made.start('a');
    await made.start('b');
    await made.advance(minuteMs);

    expect(await jobs()).toHaveLength(2);
  });

  it('does each tick exactly once, through kills, outages and downtimes', async () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constantFrom('start', 'kill', 'stop', 'cut', 'deafen', 'heal'),
        nth: fc.nat(2),
      }),
      fc.record({ do: fc.constant('wait'), nth: fc.integer({ min: 1, max: 90 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const { made, jobs } = cluster(enqueue, { missed: 'all', maxMissed: 1_000 });
        const replicas = [await made.start('a')];
        // The first tick is what tells later processes that there are any.
        await made.advance(minuteMs);
        for (const { do: what, nth } of steps) {
          const replica = replicas[nth];
          if (what === 'wait') await made.advance(nth * 1_000);
          else if (what === 'start' && replicas.length < 3) {
            replicas.push(await made.start(`r${replicas.length}`));
          } else if (replica && what === 'heal') {
            Object.assign(replica.line, { isCut: false, isDeaf: false });
          } else if (replica && (what === 'cut' || what === 'deafen')) {
            Object.assign(replica.line, { [what === 'cut' ? 'isCut' : 'isDeaf']: true });
          } else if (replica && (what === 'kill' || what === 'stop')) {
            if (what === 'kill') replica.kill();
            else void replica.system.stop();
            replicas.splice(nth, 1);
          }
        }
        for (const { line } of replicas) Object.assign(line, { isCut: false, isDeaf: false });
        await made.start('last');
        await made.advance(3 * minuteMs);

        const done = await jobs();
        expect(done).toEqual([...new Set(done)]);
        const last = Math.floor(made.clock.monotonic() / minuteMs);
        expect(done).toHaveLength(last);
      }),
      {
        numRuns: Number(process.env.DARUMA_RUNS ?? 60),
        seed: Number(process.env.DARUMA_SEED ?? 42),
      },
    );
  }, 120_000);
});
