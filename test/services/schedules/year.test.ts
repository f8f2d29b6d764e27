import { describe, expect, it } from 'vitest';
import { cron, every, supervisor } from '../../../src/index.ts';
import { simulate } from '../../../src/testing/index.ts';
import { expectedDues, expectedRuns, type Pattern, type Stretch, wallTimes } from './wall-times.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const begin = Date.UTC(2026, 0, 1);
const yearMs = 365 * dayMs;

/** Days of the year at which the clock on the wall is set, at 07 minutes past an hour. */
const jumps: readonly (readonly [day: number, byMs: number])[] = [
  [20, 5 * hourMs],
  [45, -1.5 * hourMs],
  // Into the nights in which clocks change, and back out of them.
  [66, 3 * hourMs],
  [67, -2 * hourMs],
  [112, 26 * hourMs],
  [150, -2.5 * hourMs],
  [200, -9 * hourMs],
  [240, 10 * dayMs],
  [266, -10 * dayMs],
  [290, 0.5 * hourMs],
  [304, 7 * hourMs],
  [305, -1 * hourMs],
];

const jobs: Readonly<Record<string, readonly [expression: string, pattern: Pattern]>> = {
  'half-hourly': ['*/30 * * * *', { minutes: [0, 30] }],
  'at-2': ['0 2 * * *', { hour: 2, minutes: [0] }],
  'at-2-15': ['15 2 * * *', { hour: 2, minutes: [15] }],
  'at-2-30': ['30 2 * * *', { hour: 2, minutes: [30] }],
  'at-1-30': ['30 1 * * *', { hour: 1, minutes: [30] }],
  'at-0-30': ['30 0 * * *', { hour: 0, minutes: [30] }],
  'sundays-9': ['0 9 * * 0', { hour: 9, minutes: [0], weekday: 0 }],
};

const zones = ['America/New_York', 'Africa/Cairo', 'Australia/Lord_Howe'];

/** What the clock on the wall shows from one jump to the next. */
function stretches(): Stretch[] {
  const offsets = [0, ...jumps.map(([, byMs]) => byMs)];
  const moments = [0, ...jumps.map(([day]) => day * dayMs + 7 * 60_000), yearMs];
  let skew = 0;
  return offsets.map((byMs, index) => {
    skew += byMs;
    return {
      from: begin + (moments[index] as number) + skew,
      to: begin + (moments[index + 1] as number) + skew,
    };
  });
}

describe('a year', () => {
  it.each(zones)(
    'in %s has every run once, whatever the clocks do',
    { timeout: 60_000 },
    async (timezone) => {
      const seen = new Map<string, number[]>();
      const makeTree = () =>
        supervisor('app', [
          every('hourly', '1h', () => {}),
          ...Object.entries(jobs).map(([name, [expression]]) =>
            cron(name, expression, { timezone }, () => {}),
          ),
        ]);

      const { violations } = await simulate(
        makeTree,
        (sim) => {
          sim.system.events$.subscribe((event) => {
            if (event.type !== 'schedule-run' || event.status !== 'started') return;
            const name = event.path.slice('app/'.length);
            const list = seen.get(name) ?? [];
            list.push(event.due ?? 0);
            seen.set(name, list);
          });
          for (const [day, ms] of jumps) {
            sim.advance(day * dayMs + 7 * 60_000 - sim.now);
            sim.inject({ kind: 'clockJump', trigger: { at: sim.now }, params: { ms } });
            sim.settle();
          }
          sim.advance(yearMs - sim.now);
        },
        { invariants: [] },
      );

      const parts = stretches();
      const from = Math.min(...parts.map((part) => part.from)) - 2 * dayMs;
      const to = Math.max(...parts.map((part) => part.to)) + dayMs;
      const times = wallTimes(timezone, from, to);
      for (const [name, [, pattern]] of Object.entries(jobs)) {
        const dues = expectedDues(times, pattern);
        expect([name, seen.get(name)?.map(iso)]).toEqual([
          name,
          expectedRuns(dues, parts).map(iso),
        ]);
      }
      expect(seen.get('hourly')).toEqual(
        Array.from({ length: 365 * 24 }, (_, nth) => (nth + 1) * hourMs),
      );
      expect(violations).toEqual([]);
    },
  );
});

function iso(time: number): string {
  return new Date(time).toISOString();
}
