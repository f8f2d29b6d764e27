import { describe, expect, it } from 'vitest';
import { LogSeries } from '../../examples/watchtower/lib/log-series.ts';

const noon = Date.UTC(2026, 0, 1, 12);

describe('LogSeries', () => {
  it('counts lines by severity, and those of the last minute', () => {
    const series = new LogSeries('/var/log/app.log');

    series.record('ERROR one', noon - 120_000);
    for (const line of ['ERROR two', 'WARN hm', 'INFO fine', 'whatever']) series.record(line, noon);

    expect(series.summary(noon)).toEqual({
      file: '/var/log/app.log',
      problem: undefined,
      lines: { total: 5, error: 2, warning: 1, info: 1, debug: 0, other: 1 },
      linesInLastMinute: 4,
      errorsInLastMinute: 1,
      lastErrors: ['ERROR two', 'ERROR one'],
    });
  });

  it('keeps the latest few errors, cut to a readable length', () => {
    const series = new LogSeries('app.log');

    for (const id of [1, 2, 3, 4]) series.record(`ERROR ${id} ${'x'.repeat(500)}`, noon);

    const { lastErrors } = series.summary(noon);
    expect(lastErrors.map((line) => line.slice(0, 7))).toEqual(['ERROR 4', 'ERROR 3', 'ERROR 2']);
    expect(lastErrors[0]).toMatch(/^.{160}…$/);
  });
});
