import { afterEach, describe, expect, it } from 'vitest';
import type { PostgresEngine } from '../../src/services/engine/postgres/postgres-engine.ts';
import { Desk } from '../services/engine/desk.ts';
import { openPostgres } from './engines.ts';

const open: PostgresEngine[] = [];

async function deskWith(jobs: number): Promise<Desk> {
  const engine = await openPostgres();
  open.push(engine);
  const at = new Desk(engine);
  await at.do('jobs.add', { now: at.now, jobs: Array.from({ length: jobs }, () => at.job()) });
  return at;
}

/** All that are there, claimed and completed a few at a time. */
async function completeAll(at: Desk, limit: number, keepMs: number): Promise<void> {
  for (;;) {
    const jobs = await at.claim({ limit });
    if (jobs.length === 0) return;
    await Promise.all(jobs.map((job) => at.complete(job, keepMs)));
  }
}

afterEach(() => Promise.all(open.splice(0).map((engine) => engine.close())));

describe('claims in PostgreSQL, one after the other', () => {
  it('forget what was kept for long enough, within a second', async () => {
    const at = await deskWith(3);
    await completeAll(at, 1, 10);
    at.now += 1_000;
    await at.claim();

    expect((await at.counts())?.states.completed).toBe(0);
  });

  it('forget as many as they complete, and more', async () => {
    const at = await deskWith(300);
    await completeAll(at, 100, 10);
    at.now += 1_000;
    await at.claim({ limit: 100 });
    await at.claim({ limit: 100 });

    expect((await at.counts())?.states.completed).toBe(0);
  });

  it('find each other lost as soon as their leases have run out', async () => {
    const at = await deskWith(4);
    const given = { limit: 1, leaseMs: 50 };
    await at.claim({ limit: 1, leaseMs: 5_000 });
    const claimed = [...(await at.claimIds(given)), ...(await at.claimIds(given))];
    at.now += 50;
    const { lost } = await at.look(given);

    expect(lost.map(({ id }) => id).toSorted()).toEqual(claimed.toSorted());
  });

  it('say when the next one is due as soon as they find fewer than they ask for', async () => {
    const at = await deskWith(3);
    await at.add({ dueAt: at.now + 500 });
    const looks = [];
    for (let nth = 0; nth < 4; nth++) looks.push(await at.look({ limit: 1 }));

    expect(looks.map(({ jobs }) => jobs.length)).toEqual([1, 1, 1, 0]);
    expect(looks.map(({ nextAt }) => nextAt)).toEqual([at.now, at.now, at.now, at.now + 500]);
  });

  it('notice a pause while there is always more to be claimed', async () => {
    const at = await deskWith(4);
    await at.claim({ limit: 1 });
    await at.claim({ limit: 1 });
    await at.do('queues.pause', { queue: at.queue, isPaused: true });

    expect(await at.look({ limit: 1 })).toMatchObject({ jobs: [], isPaused: true });
  });
});
