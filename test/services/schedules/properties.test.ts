import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reckon } from '../../../actors/rules/missed.ts';
import { admit } from '../../../actors/rules/overlap.ts';
import { comeDue, fixedRate, type Timetable } from '../../../actors/rules/timetable.ts';
import { every } from '../../../src/index.ts';
import { timetableOf } from '../../../src/services/schedules/timing.ts';
import { Stage } from './stage.ts';

const overlap = fc.constantFrom('skip', 'queue', 'replace', 'allow');
const missed = fc.constantFrom('once', 'all', 'drop');

/** All due times after one moment up to another, one by one. */
function walk(timetable: Timetable, after: number, until: number): number[] {
  const dues: number[] = [];
  for (let due = timetable.next(after); due !== undefined && due <= until; ) {
    dues.push(due);
    due = timetable.next(due);
  }
  return dues;
}

describe('a fixed rate', () => {
  it('never leaves a due time out and never repeats one, whatever the fractions', () => {
    const fraction = fc.double({ min: 0.001, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(fraction, fc.double({ min: 1, max: 1e6, noNaN: true }), (start, period) => {
        const dues = walk(fixedRate(start, period), start, start + 200 * period);

        expect(dues.length).toBeGreaterThanOrEqual(199);
        expect(dues.length).toBeLessThanOrEqual(200);
        for (const [nth, due] of dues.entries()) {
          expect(due).toBeCloseTo(start + (nth + 1) * period, 3);
        }
      }),
    );
  });
});

describe('what has come due', () => {
  it('is the same whether it is walked or searched for, of dense and of sparse timetables', () => {
    const timetable = fc.oneof(
      fc.integer({ min: 1, max: 5_000 }).map((period) => fixedRate(0, period)),
      fc
        .constantFrom('*/7 * * * * *', '*/5 9-10 * * * *', '0 */20 8 * * *', '0 0 3 * * SUN')
        .map((expression) =>
          timetableOf({ kind: 'cron', expression, timezone: 'Africa/Cairo' }, 'fixed-rate', 0),
        ),
    );
    const span = fc.integer({ min: 1, max: 6_000_000 });
    const keep = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(timetable, span, keep, (table, now, kept) => {
        const first = table.next(0);
        if (first === undefined || first > now) return;
        const all = walk(table, 0, now);

        const found = comeDue(table, first, now, kept);

        expect(found.latest).toEqual(all.slice(-kept));
        expect(found.count).toBe(Math.min(all.length, 1_000));
        expect(found.next).toBe(table.next(now));
      }),
      { numRuns: 60 },
    );
  });
});

describe('missed ticks', () => {
  it('are all run or given up, and never more run than the policy says', () => {
    const dues = fc.integer({ min: 1, max: 50 });
    const ms = fc.integer({ min: 0, max: 500 });
    const most = fc.integer({ min: 1, max: 10 });
    fc.assert(
      fc.property(missed, dues, ms, ms, most, (policy, count, lateMs, missedAfterMs, maxMissed) => {
        const latest = Array.from({ length: count }, (_, nth) => nth);

        const decided = reckon({ missed: policy, missedAfterMs, maxMissed }, latest, count, lateMs);

        const isInTime = lateMs <= missedAfterMs;
        expect(decided.run.length + decided.givenUp).toBe(count);
        expect(decided.run).toEqual(latest.slice(count - decided.run.length));
        if (isInTime) expect(decided.run).toContain(count - 1);
        const bound = { once: 1, all: maxMissed + 1, drop: isInTime ? 1 : 0 }[policy];
        expect(decided.run.length).toBeLessThanOrEqual(bound);
      }),
    );
  });
});

describe('a tick', () => {
  it('begins beside others only where that is allowed, and waits only within the bound', () => {
    const count = fc.integer({ min: 0, max: 5 });
    const bound = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(
        overlap,
        bound,
        bound,
        count,
        count,
        (policy, maxQueued, concurrency, running, waiting) => {
          const answer = admit({ overlap: policy, maxQueued, concurrency }, running, waiting);

          const most = policy === 'allow' ? concurrency : 1;
          if (answer === 'start' && waiting === 0) expect(running).toBeLessThan(most);
          if (answer === 'queue') expect(waiting).toBeLessThan(maxQueued);
          if (running === 0 && waiting === 0) expect(answer).toBe('start');
        },
      ),
    );
  });
});

describe('every due time', () => {
  it('is run or counted, and no more runs are under way than allowed, however long they take', async () => {
    const seconds = fc.integer({ min: 1, max: 40 });
    const bound = fc.integer({ min: 1, max: 3 });
    await fc.assert(
      fc.asyncProperty(
        overlap,
        seconds,
        fc.array(seconds, { minLength: 1, maxLength: 8 }),
        bound,
        async (policy, period, lengths, most) => {
          let live = 0;
          let peak = 0;
          const options = {
            overlap: policy,
            ...(policy === 'queue' && { maxQueued: most }),
            ...(policy === 'allow' && { concurrency: most }),
          } as const;
          const job = every('job', period * 1_000, options, async (ctx) => {
            peak = Math.max(peak, ++live);
            await ctx.sleep((lengths[ctx.run % lengths.length] ?? 1) * 1_000).finally(() => live--);
          });
          const stage = await Stage.of(job);

          await stage.clock.advance(period * 20_500);
          const { started, skipped, missed: givenUp } = stage.handle(job).counts;
          const waiting = 20 - started - skipped - givenUp;

          expect(waiting).toBeGreaterThanOrEqual(0);
          expect(waiting).toBeLessThanOrEqual(
            policy === 'queue' ? most : policy === 'replace' ? 1 : 0,
          );
          expect(peak).toBeLessThanOrEqual(policy === 'allow' ? most : 1);
          await stage.stop();
          expect(live).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});
