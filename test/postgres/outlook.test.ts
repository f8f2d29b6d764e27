import { describe, expect, it } from 'vitest';
import type { Request, Step } from '../../src/services/engine/engine.ts';
import { Outlook, type Prospect } from '../../src/services/engine/postgres/jobs/outlook.ts';
import { Desk, failed } from '../services/engine/desk.ts';
import { openPostgres } from './engines.ts';
import { freshSchema } from './postgres.ts';

const nothing = { leaseEndsAt: null, dueAt: null };

function seenAt(at: number, prospect: Prospect = nothing, isBusy = false): Outlook {
  const outlook = new Outlook();
  outlook.note('a', at, prospect, isBusy);
  return outlook;
}

describe('what a connection knows of a queue', () => {
  it('is nothing at first, of this and of other queues', () => {
    expect(new Outlook().mayHaveLost('a', 0)).toBe(true);
    expect(new Outlook().mayHaveDue('a', 0)).toBe(true);
    expect(seenAt(0).mayHaveDue('b', 0)).toBe(true);
  });

  it('is when the next lease ends, and when the next job is due', () => {
    const outlook = seenAt(0, { leaseEndsAt: 500, dueAt: 700 });

    expect([499, 500].map((now) => outlook.mayHaveLost('a', now))).toEqual([false, true]);
    expect([699, 700].map((now) => outlook.mayHaveDue('a', now))).toEqual([false, true]);
  });

  it('holds for a second, and not when the clock is set back', () => {
    const outlook = seenAt(1_000);

    expect([999, 1_000, 1_999, 2_000].map((now) => outlook.mayHaveLost('a', now))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('spares a busy queue another look, as long as it is known what there is to be cleared away', () => {
    const prospect = { leaseEndsAt: 500, dueAt: null };

    expect(seenAt(0, prospect, true).needsOnlyJobs('a', 499)).toBe(true);
    expect(seenAt(0, prospect, true).needsOnlyJobs('a', 500)).toBe(false);
    expect(seenAt(0, nothing, true).needsOnlyJobs('a', 1_000)).toBe(false);
    expect(seenAt(0, nothing, false).needsOnlyJobs('a', 1)).toBe(false);
  });

  it('includes the leases of claims that were not followed by a look', () => {
    const outlook = seenAt(0, { leaseEndsAt: 500, dueAt: null });
    outlook.noteClaim('a', 300);
    outlook.noteClaim('a', 400);
    outlook.noteClaim('b', 1);

    expect([299, 300].map((now) => outlook.mayHaveLost('a', now))).toEqual([false, true]);
  });

  it('is for a second that there is nothing to be forgotten', () => {
    const outlook = new Outlook();
    expect(outlook.mayHaveForgettable(0)).toBe(true);
    outlook.noteCleared(1_000);

    expect([999, 1_000, 1_999, 2_000].map((now) => outlook.mayHaveForgettable(now))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('no longer holds when this process puts a job off', () => {
    const given = new Desk(undefined as never);
    const claim = { id: 'x', fence: 1, now: 0, queue: 'a', key: null, keepMs: null };
    const later = (...steps: Step[]) => {
      const outlook = seenAt(0);
      outlook.forgetChanged([{ steps, isRehearsal: false } as Request]);
      return outlook.mayHaveDue('a', 1);
    };
    const adding = (dueAt: number | null): Step => [
      'jobs.add',
      { now: 0, jobs: [given.job({ queue: 'a', dueAt })] },
    ];

    expect(later(adding(50))).toBe(true);
    expect(later(['jobs.settle', { ...claim, settlement: failed(50) }])).toBe(true);
    expect(later(adding(null))).toBe(false);
    expect(later(['jobs.settle', { ...claim, settlement: { type: 'released' } }])).toBe(false);
  });
});

it('what another process lost meanwhile is found at the next claim but one, which is due at once', async () => {
  const schema = freshSchema();
  await using one = new AsyncDisposableStack();
  const [ours, others] = await Promise.all([openPostgres({ schema }), openPostgres({ schema })]);
  one.defer(async () => void (await Promise.all([ours.close(), others.close()])));
  const [here, there] = [new Desk(ours), new Desk(others)];
  Object.assign(there, { queue: here.queue });
  expect(await here.claim()).toEqual([]);
  const id = await there.add();
  await there.claim({ leaseMs: 50 });
  here.now += 100;

  const { nextAt, lost } = await here.look();
  const next = await here.look();

  expect(nextAt).toBeLessThanOrEqual(here.now);
  expect([...lost, ...next.lost].map((each) => each.id)).toEqual([id]);
  expect(next.jobs.map((job) => job.id)).toEqual([id]);
});
