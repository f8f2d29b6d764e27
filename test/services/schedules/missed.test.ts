import { describe, expect, it } from 'vitest';
import { mostCounted } from '../../../actors/rules/timetable.ts';
import { cron, every } from '../../../src/index.ts';
import { Job, Stage } from './stage.ts';

const hourMs = 3_600_000;

/** Hourly, and the machine sleeps from 01:10 for so long; nobody was there at whole hours. */
async function afterSleep(
  options: Parameters<typeof cron<'job'>>[2] & object,
  sleepMs = 5 * hourMs,
) {
  const job = new Job();
  const stage = await Stage.of(cron('job', '0 * * * *', options, job.work));
  await stage.clock.advance(hourMs);
  job.call.finish();
  await stage.clock.advance(600_000);
  stage.clock.jump(sleepMs);
  await stage.clock.advance(60_000);
  return { stage, job };
}

describe('ticks that were missed', () => {
  it('are run once together by default, as the last of them', async () => {
    const { stage } = await afterSleep({});

    expect(stage.dues()).toEqual(['2026-01-01T01:00', '2026-01-01T06:00']);
    expect(stage.skips()).toEqual(['missed 4']);
    await stage.stop();
  });

  it('are run one after the other with all, in order, each knowing when it was due', async () => {
    const { stage, job } = await afterSleep({ missed: 'all' });
    for (let nth = 0; nth < 5; nth++) {
      await stage.clock.advance(1_000);
      job.call.finish();
    }
    await stage.clock.advance(1_000);

    expect(stage.dues()).toEqual(
      ['01', '02', '03', '04', '05', '06'].map((hour) => `2026-01-01T${hour}:00`),
    );
    expect(job.most).toBe(1);
    expect(stage.skips()).toEqual([]);
    await stage.stop();
  });

  it('are bounded with all: the oldest are given up', async () => {
    const { stage, job } = await afterSleep({ missed: 'all', maxMissed: 2 });
    for (let nth = 0; nth < 3; nth++) {
      job.call.finish();
      await stage.clock.advance(1_000);
    }

    expect(stage.dues().slice(1)).toEqual(['2026-01-01T05:00', '2026-01-01T06:00']);
    expect(stage.skips()).toEqual(['missed 3']);
    await stage.stop();
  });

  it('are not run with drop, and the next one is', async () => {
    const { stage, job } = await afterSleep({ missed: 'drop' });
    expect(stage.begun()).toHaveLength(1);
    expect(stage.skips()).toEqual(['missed 5']);
    await stage.clock.advance(hourMs);
    job.call.finish();

    expect(stage.dues().slice(1)).toEqual(['2026-01-01T07:00']);
    await stage.stop();
  });

  it('do not count as missed within missedAfter', async () => {
    // From 01:10 to 06:01: the last is a minute late, and seen another minute later.
    const sleepMs = 4 * hourMs + 51 * 60_000;
    const { stage } = await afterSleep({ missed: 'drop' }, sleepMs);

    expect(stage.dues().slice(1)).toEqual(['2026-01-01T06:00']);
    expect(stage.runs('started')[1]?.latenessMs).toBe(120_000);
    await stage.stop();
  });

  it('are those of a blocked event loop as well, of every too', async () => {
    const stage = await Stage.of(every('tick', '1s', () => {}));
    await stage.clock.advance(2_500);

    stage.clock.stall(10_000);
    await stage.clock.advance(1_000);

    expect(stage.runs('started').map(({ due }) => due)).toEqual([1_000, 2_000, 12_000, 13_000]);
    expect(stage.skips()).toEqual(['missed 9']);
    await stage.stop();
  });

  it('never come as a burst, however many there are', async () => {
    const stage = await Stage.of(
      every('fast', '1ms', { missed: 'drop' }, () => {}),
      cron('seconds', '* * * * * *', {}, () => {}),
    );
    await stage.clock.advance(5);
    const before = stage.begun().length;

    stage.clock.stall(3 * 86_400_000);
    await stage.clock.settle();

    expect(stage.begun().length - before).toBe(2);
    expect(stage.runs('started').at(-1)?.latenessMs).toBeLessThan(1_000);
    expect(stage.all('schedule-skipped').map(({ count }) => count)).toEqual([
      mostCounted - 1,
      mostCounted - 1,
    ]);
    await stage.stop();
  });

  it('are the latest ones, although there were too many to count', async () => {
    const job = new Job();
    const options = { missed: 'all', maxMissed: 3 } as const;
    const stage = await Stage.of(cron('seconds', '* 9 * * *', options, job.work));
    stage.clock.jump(400 * 86_400_000);
    await stage.clock.advance(60_000);
    for (let nth = 0; nth < 3; nth++) {
      job.call.finish();
      await stage.clock.settle();
    }

    expect(stage.dues()).toEqual(['09:57', '09:58', '09:59'].map((time) => `2027-02-04T${time}`));
    await stage.stop();
  });
});
