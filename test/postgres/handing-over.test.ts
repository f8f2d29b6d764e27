import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Claimed, Settlement } from '../../src/services/engine/job-rows.ts';
import { Connection } from '../../src/services/engine/postgres/connection.ts';
import type { PostgresEngine } from '../../src/services/engine/postgres/postgres-engine.ts';
import { Desk, dead, failed } from '../services/engine/desk.ts';
import { openPostgres } from './engines.ts';

let engine: PostgresEngine;

beforeAll(async () => {
  engine = await openPostgres();
});
afterAll(() => engine.close());
afterEach(() => void vi.restoreAllMocks());

const completed: Settlement = { type: 'completed', result: '{"a":1}' };

/** Jobs that are to be told apart by their payloads, some of which are claimed, one after the other. */
async function busyDesk(keys: readonly (string | null)[], claims: number) {
  const at = new Desk(engine);
  const jobs = keys.map((key, nth) => at.job({ payload: String(nth), key }));
  await at.do('jobs.add', { now: at.now, jobs });
  const claimed: Claimed[] = [];
  for (let nth = 0; nth < claims; nth++) claimed.push(await at.claimOne());
  return { at, claimed };
}

interface End {
  readonly settlement: Settlement;
  readonly keepMs: number | null;
  readonly isStale: boolean;
}

/** Everything that comes of it and is left of it, whatever the jobs are called. */
async function outcomeOf(
  keys: readonly (string | null)[],
  ends: readonly End[],
  isOneTurn: boolean,
) {
  const { at, claimed } = await busyDesk(keys, ends.length);
  const settle = async ({ settlement, keepMs, isStale }: End, nth: number) => {
    const job = claimed[nth] as Claimed;
    return await at.settle({ ...job, fence: job.fence + (isStale ? 1 : 0) }, settlement, keepMs);
  };
  const settled: unknown[] = isOneTurn ? ends.map(settle) : [];
  if (!isOneTurn) for (const [nth, end] of ends.entries()) settled.push(await settle(end, nth));
  const { jobs, nextAt, ...answer } = await at.look({ limit: 2 });
  const rows = await Promise.all(claimed.map(({ id }) => at.get(id)));
  return {
    settled: await Promise.all(settled),
    answer,
    // Who got as many as were asked for may be told to come again at once.
    nextAt: jobs.length === 2 ? null : nextAt,
    jobs: jobs.map((job) => ({ ...job, id: '' })),
    rows: rows.map((row) => row && { ...row, id: '', queue: '' }),
  };
}

describe('jobs that end in the turn in which others are claimed', () => {
  it('take one message to the server', async () => {
    const { at, claimed } = await busyDesk([null, null, null, null, null], 3);
    const send = vi.spyOn(Connection.prototype, 'send');
    const [one, other, stale, { jobs }] = await Promise.all([
      at.settle(claimed[0] as Claimed, completed),
      at.settle(claimed[1] as Claimed, dead),
      at.settle({ ...(claimed[2] as Claimed), fence: 0 }, completed),
      at.look({ limit: 2 }),
    ]);

    expect(send.mock.calls.filter(([{ text }]) => !text.includes('pg_notify'))).toHaveLength(1);
    expect([one, other, stale]).toEqual(['completed', 'dead', null]);
    expect(jobs.map(({ payload }) => payload)).toEqual(['3', '4']);
    expect(await at.get(claimed[0]?.id as string)).toMatchObject({
      state: 'completed',
      result: '{"a":1}',
    });
    expect(await at.get(claimed[1]?.id as string)).toMatchObject({
      state: 'dead',
      error: '"no"',
      reason: 'exhausted',
    });
  });

  it('come to the same as if they had ended before', async () => {
    const end = fc.record({
      settlement: fc.constantFrom<Settlement>(
        completed,
        completed,
        completed,
        dead,
        failed(0),
        failed(50),
        { type: 'cancelled', error: null },
        { type: 'released' },
      ),
      keepMs: fc.constantFrom(null, null, 1_000, 0),
      isStale: fc.constantFrom(false, false, false, true),
    });
    const keys = fc.array(fc.constantFrom(null, null, null, 'k'), { minLength: 4, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(keys, fc.array(end, { minLength: 1, maxLength: 4 }), async (each, ends) => {
        expect(await outcomeOf(each, ends, true)).toEqual(await outcomeOf(each, ends, false));
      }),
      { numRuns: 60 },
    );
  });
});
