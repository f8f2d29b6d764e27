import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/services/engine/engine.ts';
import { engines } from './engines.ts';

const schedule = 'app/nightly';
const keepMs = 1_000;

function claimIn(engine: Engine) {
  return async (dueAt: number, now = dueAt) =>
    (await engine.submit([['ticks.claim', { schedule, dueAt, now, keepMs }]]))[0];
}

const lastIn = async (engine: Engine) => (await engine.submit([['ticks.last', { schedule }]]))[0];

describe.each(engines)('the ticks of a schedule %s', (_name, open) => {
  it('are had by one caller each, in any order', async () => {
    const claim = claimIn(open());

    expect(await claim(2_000)).toBe(true);
    expect(await claim(1_500, 2_000)).toBe(true);
    expect(await claim(2_000)).toBe(false);
    expect(await claim(1_500, 2_000)).toBe(false);
    expect(await claim(2_500)).toBe(true);
  });

  it('are apart from those of other schedules', async () => {
    const engine = open();
    await claimIn(engine)(1_000);
    const other = { schedule: 'app/other', dueAt: 1_000, now: 1_000, keepMs };

    expect(await engine.submit([['ticks.claim', other]])).toEqual([true]);
  });

  it('leave behind which was the last', async () => {
    const engine = open();
    const claim = claimIn(engine);

    expect(await lastIn(engine)).toBeNull();
    await claim(2_000);
    await claim(1_500, 2_000);
    expect(await lastIn(engine)).toBe(2_000);
    await claim(1_000_000);
    expect(await lastIn(engine)).toBe(1_000_000);
  });

  it('that are forgotten are nobody’s, those after the last are free however old', async () => {
    const claim = claimIn(open());
    await claim(1_000);
    await claim(2_000);
    await claim(5_000);

    expect(await claim(1_000, 5_000)).toBe(false);
    expect(await claim(3_000, 5_000)).toBe(false);
    expect(await claim(4_500, 5_000)).toBe(true);
    // After a night of which nobody saw anything, made up for in order.
    expect(await claim(6_000, 90_000)).toBe(true);
    expect(await claim(7_000, 90_000)).toBe(true);
    expect(await claim(6_000, 90_000)).toBe(false);
    expect(await claim(7_000, 90_000)).toBe(false);
  });

  it('count as a whole with what is done for them', async () => {
    const engine = open();
    const tick = { schedule, dueAt: 1_000, now: 1_000, keepMs };
    const place = { owner: schedule, store: '', now: 0 };
    const entry = (value: string) => ({ ...place, key: 'k', value, expiresAt: null });
    await engine.submit([
      ['ticks.take', tick],
      ['entries.set', entry('1')],
    ]);
    const again = engine.submit([
      ['entries.set', entry('2')],
      ['ticks.take', tick],
    ]);

    await expect(again).rejects.toMatchObject({ failure: { code: 'DARUMA_TICK_TAKEN' } });
    expect(await engine.submit([['entries.get', { ...place, key: 'k' }]])).toEqual(['1']);
  });
});

describe('whatever several processes claim', () => {
  it('no instant is had twice, while the clock goes on', async () => {
    const step = fc.record({
      dueAt: fc.integer({ min: 0, max: 60 }).map((nth) => nth * 100),
      wait: fc.integer({ min: 0, max: 400 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const [, open] = engines[0] as (typeof engines)[0];
        const claim = claimIn(open());
        const had = new Set<number>();
        let now = 0;
        for (const { dueAt, wait } of steps) {
          now += wait;
          if (!(await claim(dueAt, now))) continue;
          expect(had.has(dueAt)).toBe(false);
          had.add(dueAt);
        }
      }),
      { numRuns: 200, seed: 42 },
    );
  });
});
