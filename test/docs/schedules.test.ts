import { describe, expect, it } from 'vitest';
import { mostCounted } from '../../actors/rules/timetable.ts';
import { every, supervisor } from '../../src/index.ts';
import { scheduleOptions } from '../../src/services/schedules/read-schedule.ts';
import { policyOf } from '../../src/testing/schedules.ts';
import { treeOf } from '../testing/trace-of.ts';
import { codesIn, read, rowsOf, sectionOf } from './pages.ts';

const page = 'docs/schedules.md';
const rows = rowsOf(sectionOf(page, 'Options'));

describe(page, () => {
  it('has a row for every option, of the schedules that have it', () => {
    const documented = rows.map(([option = '', of = '']) => [
      codesIn(option)[0]?.split('.', 1)[0],
      of === 'all' ? Object.keys(scheduleOptions) : codesIn(of),
    ]);
    const names = new Set(Object.values(scheduleOptions).flat());
    const expected = [...names].map((name) => [
      name,
      Object.entries(scheduleOptions).flatMap(([kind, own]) => (own.includes(name) ? [kind] : [])),
    ]);

    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(expected));
  });

  it('says the defaults that a schedule has which says nothing', () => {
    const app = supervisor('app', [every('tick', '1m', () => {})]);
    const first = policyOf(treeOf(app).specAt('app/tick'));
    const told = Object.fromEntries(
      rows.map(([option = '', , value]) => [codesIn(option)[0], value]),
    );

    expect(told).toMatchObject({
      overlap: `\`'${first?.overlap}'\``,
      maxQueued: `\`${first?.maxQueued}\``,
      concurrency: `\`${first?.concurrency}\``,
      missed: `\`'${first?.missed}'\``,
      maxMissed: `\`${first?.maxMissed}\``,
      missedAfter: `\`'${(first?.missedAfterMs ?? 0) / 60_000}m'\``,
      immediately: `\`${first?.isImmediate}\``,
      jitter: `\`${first?.jitterMs}\``,
      pace: `\`'${first?.pace}'\``,
      timezone: `\`'${first?.timezone}'\``,
      ifPast: `\`'${first?.ifPast}'\``,
      'retry.maxAttempts': `\`${first?.maxAttempts}\``,
    });
    expect(read(page)).toContain(`At most ${mostCounted}.`);
  });
});
