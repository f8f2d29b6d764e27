import fc from 'fast-check';
import { expect } from 'vitest';
import type { Engine } from '../../../src/services/engine/engine.ts';
import type { PerKey, Settlement } from '../../../src/services/engine/job-rows.ts';
import { Desk } from './desk.ts';
import { JobModel, leaseMs, type ModelClaim, modelState } from './job-model.ts';

type Move =
  | {
      type: 'add';
      priority: number;
      delayMs: number;
      key: string | null;
      unique: string | null;
      attempts: number;
    }
  | { type: 'claim'; limit: number }
  | { type: 'settle'; which: number; settlement: Settlement }
  | { type: 'renew'; which: number }
  | { type: 'cancel' | 'redrive'; which: number }
  | { type: 'pause'; isPaused: boolean }
  | { type: 'wait'; ms: number };

const which = fc.nat(30);
const delayMs = fc.constantFrom(0, 0, 1, 50, 150);
const settlement: fc.Arbitrary<Settlement> = fc.oneof(
  fc.constant<Settlement>({ type: 'completed', result: null }),
  delayMs.map((ms): Settlement => ({ type: 'retry', error: '""', delayMs: ms })),
  fc.constant<Settlement>({ type: 'dead', error: '""', reason: 'exhausted' }),
  fc.constant<Settlement>({ type: 'released' }),
  fc.constant<Settlement>({ type: 'cancelled', error: null }),
);

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('add' as const),
      priority: fc.constantFrom(0, 0, 0, 1, -1),
      delayMs,
      key: fc.constantFrom(null, 'a', 'b'),
      unique: fc.constantFrom(null, null, null, 'x', 'y'),
      attempts: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('claim' as const),
      limit: fc.integer({ min: 0, max: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('settle' as const), which, settlement }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('renew' as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constantFrom('cancel' as const, 'redrive' as const), which }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('pause' as const), isPaused: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 49, 50, leaseMs - 1, leaseMs, 1_000),
    }),
  },
);

export const moves = fc.array(move, { minLength: 1, maxLength: 60 });
export const perKeys = fc.constantFrom<PerKey>(null, 1, 2, 'fifo');

/** The same moves on an engine and on the model: every answer is the same, and so is every job. */
export async function playJobs(
  engine: Engine,
  perKey: PerKey,
  played: readonly Move[],
): Promise<void> {
  const desk = new Desk(engine);
  const model = new JobModel(perKey);
  const ids: string[] = [];
  /** All that were ever made: an old one is tried as well as the current one. */
  const claims: ModelClaim[] = [];
  const { queue } = desk;
  for (const each of played) await take(each);
  for (const [id, state] of Object.entries(model.states())) {
    expect(modelState(await desk.stateOf(id)), id).toBe(state);
  }
  await drain();

  async function take(each: Move): Promise<void> {
    const { now } = desk;
    switch (each.type) {
      case 'add': {
        const { priority, key, unique, attempts, delayMs: ms } = each;
        const dueAt = ms === 0 ? null : now + ms;
        const job = desk.job({
          priority,
          key,
          dueAt,
          idempotencyKey: unique,
          maxAttempts: attempts,
        });
        ids.push(job.id);
        expect(await desk.do('jobs.add', { now, jobs: [job] })).toEqual([model.add(now, job)]);
        return;
      }
      case 'claim':
        return await claim(each.limit);
      case 'settle': {
        const found = claims[each.which % claims.length];
        if (!found) return;
        const args = { ...found, now, queue, settlement: each.settlement, keepMs: null };
        const settled = await desk.do('jobs.settle', args);
        expect(settled !== null).toBe(model.settle(now, found, each.settlement));
        return;
      }
      case 'renew': {
        const some = claims.slice(each.which);
        expect(await desk.do('jobs.renew', { now, leaseMs, claims: some })).toEqual(
          model.renew(now, some),
        );
        return;
      }
      case 'cancel': {
        const id = ids[each.which % ids.length] ?? 'nobody';
        expect(await desk.do('jobs.cancel', { now, queue, id, keepMs: null })).toBe(
          model.cancel(id),
        );
        return;
      }
      case 'redrive': {
        const id = ids[each.which % ids.length] ?? 'nobody';
        const redriven = await desk.do('jobs.redrive', { now, queue, ids: [id], limit: 1 });
        expect(redriven.length === 1).toBe(model.redrive(now, id));
        return;
      }
      case 'pause':
        model.isPaused = each.isPaused;
        await desk.do('queues.pause', { queue, isPaused: each.isPaused });
        return;
      case 'wait':
        desk.now += each.ms;
    }
  }

  async function claim(limit: number): Promise<void> {
    const { jobs, lost } = await desk.look({ limit, perKey, leaseMs });
    const expected = model.claim(desk.now, limit);
    expect(lost.map(({ id }) => id).sort()).toEqual(expected.lost);
    const found = jobs.map(({ id, fence }) => ({ id, fence }));
    expect(found).toEqual(expected.jobs);
    claims.push(...found);
  }

  /** Nothing is stuck: with time and places enough, every job comes to its end. */
  async function drain(): Promise<void> {
    await take({ type: 'pause', isPaused: false });
    for (let round = 0; round < 200; round++) {
      const before = claims.length;
      desk.now += 200;
      await claim(10);
      const completed: Settlement = { type: 'completed', result: null };
      for (let index = before; index < claims.length; index++) {
        await take({ type: 'settle', which: index, settlement: completed });
      }
      if (claims.length === before) break;
    }
    const open = Object.values(model.states()).filter(
      (state) => state === 'waiting' || state === 'active',
    );
    expect(open).toEqual([]);
  }
}
