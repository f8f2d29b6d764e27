import { describe, expect, it } from 'vitest';
import { cron } from '../../../src/index.ts';
import { Stage } from './stage.ts';

const dayMs = 86_400_000;

/** The times of day at which an expression is due in some days of 2026. */
async function duesOf(expression: string, timezone: string, from: string, days = 1) {
  const stage = new Stage([cron('job', expression, { timezone }, () => {})]);
  stage.clock.jump(Date.parse(from) - stage.clock.now());
  await stage.start();
  await stage.clock.advance(days * dayMs);
  await stage.stop();
  return stage.dues();
}

describe('cron', () => {
  it.each([
    ['0 2 * * *', '2026-05-01T01:59:59Z', ['2026-05-01T02:00', '2026-05-02T02:00']],
    ['0 9 * * 0', '2026-05-02T00:00Z', ['2026-05-03T09:00']],
    ['@daily', '2026-05-01T23:59:59.999Z', ['2026-05-02T00:00', '2026-05-03T00:00']],
    ['0 0 29 2 *', '2028-02-28T00:00Z', ['2028-02-29T00:00']],
    ['0 12 L * *', '2026-02-27T12:00Z', ['2026-02-28T12:00']],
  ])('%s from %s', async (expression, from, dues) => {
    expect(await duesOf(expression, 'UTC', from, 2)).toEqual(dues);
  });

  it('runs hourly at the minute, neither before nor after', async () => {
    const stage = await Stage.of(cron('cleanup', '0 * * * *', () => {}));

    await stage.clock.advance(3_599_999);
    expect(stage.begun()).toEqual([]);
    await stage.clock.advance(1);

    expect(stage.begun()).toEqual([3_600_000]);
    expect(stage.runs('started')[0]?.latenessMs).toBe(0);
    await stage.stop();
  });

  it('is in UTC where nothing is said, whatever the zone of the process', async () => {
    const stage = await Stage.of(cron('job', '30 4 * * *', () => {}));

    await stage.clock.advance(dayMs);

    expect(stage.dues()).toEqual(['2026-01-01T04:30']);
    await stage.stop();
  });

  it('runs at its start as well with immediately', async () => {
    const stage = await Stage.of(cron('job', '0 * * * *', { immediately: true }, () => {}));

    await stage.clock.advance(2 * 3_600_000);

    expect(stage.begun()).toEqual([0, 3_600_000, 7_200_000]);
    await stage.stop();
  });

  it('runs once when a clock goes forward over what is due, and not twice when it goes back', async () => {
    const stage = await Stage.of(cron('job', '0 * * * *', () => {}));

    await stage.clock.advance(3_600_000 + 600_000);
    stage.clock.jump(5 * 3_600_000);
    await stage.clock.advance(60_000);
    expect(stage.dues()).toEqual(['2026-01-01T01:00', '2026-01-01T06:00']);
    expect(stage.skips()).toEqual(['missed 4']);
    stage.clock.jump(-2 * 3_600_000);
    await stage.clock.advance(3 * 3_600_000);

    expect(stage.dues().slice(2)).toEqual(['2026-01-01T07:00']);
    await stage.stop();
    expect(stage.clock.pendingTimers).toBe(0);
  });

  it('starts anew when a clock that was days ahead is set right', async () => {
    const stage = new Stage([cron('job', '0 * * * *', () => {})]);
    stage.clock.jump(30 * dayMs);
    await stage.start();
    await stage.clock.advance(3_700_000);
    stage.clock.jump(-30 * dayMs);
    await stage.clock.advance(3_600_000);

    expect(stage.dues()).toEqual(['2026-01-31T01:00', '2026-01-01T02:00']);
    expect(stage.all('schedule').map(({ status }) => status)).toEqual(['reset']);
    await stage.stop();
  });
});

describe('cron when clocks change', () => {
  it('runs right after the gap what is due inside it', async () => {
    const dues = await duesOf('30 2 * * *', 'America/New_York', '2026-03-07T12:00Z', 2);

    // 02:30 does not exist on the 8th: 03:00 is 07:00 UTC.
    expect(dues).toEqual(['2026-03-08T07:00', '2026-03-09T06:30']);
  });

  it('runs a fixed time once that comes twice, the first time', async () => {
    const dues = await duesOf('30 1 * * *', 'America/New_York', '2026-10-31T12:00Z', 2);

    expect(dues).toEqual(['2026-11-01T05:30', '2026-11-02T06:30']);
  });

  it('runs every half hour through the hour that comes twice', async () => {
    const dues = await duesOf('*/30 * * * *', 'America/New_York', '2026-11-01T04:45Z', 3 / 24);

    expect(dues).toEqual(
      ['05:00', '05:30', '06:00', '06:30', '07:00', '07:30'].map((at) => `2026-11-01T${at}`),
    );
  });

  it('runs at 01:00 in Cairo when midnight does not exist', async () => {
    const dues = await duesOf('30 0 * * *', 'Africa/Cairo', '2026-04-23T12:00Z', 2);

    // Clocks go from 00:00 to 01:00 on the 24th: that is 22:00 UTC of the 23rd.
    expect(dues).toEqual(['2026-04-23T22:00', '2026-04-24T21:30']);
  });

  it('runs at 02:30 on Lord Howe, whose gap is half an hour, and only once', async () => {
    const dues = await duesOf('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00Z', 2);

    // 02:00 becomes 02:30 on the 4th: that is 15:30 UTC of the 3rd.
    expect(dues).toEqual(['2026-10-03T15:30', '2026-10-04T15:15']);
  });

  it('knows the last day, the nth weekday and the nearest working day of a month', async () => {
    expect(await duesOf('0 6 * * FRI#2', 'UTC', '2026-05-01T00:00Z', 31)).toEqual([
      '2026-05-08T06:00',
    ]);
    expect(await duesOf('0 6 15W * *', 'UTC', '2026-08-01T00:00Z', 31)).toEqual([
      '2026-08-14T06:00',
    ]);
  });
});
