import { describe, expect, it } from 'vitest';
import { at, cron, every, supervisor } from '../../src/index.ts';
import { scheduleNoDoubledTick } from '../../src/testing/invariants/schedule-no-doubled-tick.ts';
import { scheduleNoMissedTick } from '../../src/testing/invariants/schedule-no-missed-tick.ts';
import { scheduleNoOverlap } from '../../src/testing/invariants/schedule-no-overlap.ts';
import { scheduleQuietAfterStop } from '../../src/testing/invariants/schedule-quiet.ts';
import { messagesOf } from './trace-of.ts';

const work = () => {};
const app = supervisor('app', [
  every('tick', '10s', work),
  every('beside', '10s', { overlap: 'allow', concurrency: 2 }, work),
  every('queued', '10s', { overlap: 'queue' }, work),
  every('eager', '10s', { immediately: true }, work),
  cron('job', '* * * * *', work),
  at('once', '1970-01-01T00:01:00Z', { ifPast: 'run' }, work),
]);

const started = (path: string, atMs: number, run: number, due: number | null = atMs) =>
  `${atMs} schedule-run ${path}#1 {"status":"started","run":${run},"due":${due},"latenessMs":0,"attempts":0}`;
const over = (path: string, atMs: number, run: number, status = 'completed') =>
  `${atMs} schedule-run ${path}#1 {"status":"${status}","run":${run},"due":0,"latenessMs":0,"attempts":1}`;
const skipped = (path: string, atMs: number, why: string, count: number, due: number | null) =>
  `${atMs} schedule-skipped ${path}#1 {"why":"${why}","count":${count},"due":${due}}`;
const lines = (...of: string[]) => of.join('\n');
const up = (path: string) => lines(`0 starting ${path}#1`, `0 ready ${path}#1 {"time":0}`);

describe('scheduleNoOverlap', () => {
  const broken = (...of: string[]) => messagesOf(scheduleNoOverlap, app, lines(...of));

  it('allows one run after the other, and as many at a time as concurrency says', () => {
    expect(
      broken(started('app/tick', 10, 1), over('app/tick', 15, 1), started('app/tick', 20, 2)),
    ).toEqual([]);
    expect(broken(started('app/beside', 10, 1), started('app/beside', 20, 2))).toEqual([]);
  });

  it('forgets the runs of an incarnation that was abandoned or is over', () => {
    expect(
      broken(started('app/tick', 10, 1), '15 unstopped app/tick#1', started('app/tick', 20, 2)),
    ).toEqual([]);
  });

  it('finds a second run of a schedule that allows one, and a third of one that allows two', () => {
    expect(
      broken(
        started('app/tick', 10, 1),
        over('app/tick', 12, 1, 'retrying'),
        started('app/tick', 20, 2),
      ),
    ).toEqual([
      "Run 2 of app/tick began at 20 ms while 1 were under way; overlap: 'skip' allows 1 in all.",
    ]);
    expect(
      broken(
        started('app/beside', 10, 1),
        started('app/beside', 20, 2),
        started('app/beside', 30, 3),
      ),
    ).toHaveLength(1);
  });
});

describe('scheduleNoDoubledTick', () => {
  const broken = (...of: string[]) => messagesOf(scheduleNoDoubledTick, app, lines(...of));

  it('allows a due time once, runs by hand, and times that come again after a reset', () => {
    expect(
      broken(
        started('app/job', 10, 1, 60_000),
        started('app/job', 11, 2, null),
        started('app/job', 12, 3, null),
        '20 schedule app/job#1 {"status":"reset"}',
        started('app/job', 30, 4, 60_000),
      ),
    ).toEqual([]);
  });

  describe('of a schedule that runs when it starts', () => {
    const again = (atMs: number, due: number) =>
      started('app/eager', atMs, 2, due).replace('#1', '#2');
    const first = lines(up('app/eager'), started('app/eager', 0, 1), '0 ended app/eager#1');

    it('allows a tick for each incarnation, though they start at the same instant', () => {
      expect(broken(first, '0 starting app/eager#2', again(0, 0))).toEqual([]);
    });

    it('finds one that is due before its incarnation, or comes twice in the same', () => {
      expect(broken(first, '5 starting app/eager#2', again(5, 0))).toHaveLength(1);
      expect(
        broken(up('app/eager'), started('app/eager', 0, 1), started('app/eager', 0, 2)),
      ).toHaveLength(1);
    });
  });

  it('finds one that runs twice, in a later incarnation too', () => {
    expect(
      broken(
        started('app/job', 10, 1, 60_000),
        '15 ended app/job#1',
        started('app/job', 20, 2, 60_000),
      ),
    ).toEqual([
      'Run 2 of app/job began at 20 ms for what was due at 60000, as run 1 had at 10 ms.',
    ]);
  });
});

describe('scheduleQuietAfterStop', () => {
  const broken = (...of: string[]) => messagesOf(scheduleQuietAfterStop, app, lines(...of));

  it('allows runs that end before their schedule, and those of its next incarnation', () => {
    expect(
      broken(
        up('app/tick'),
        started('app/tick', 10, 1),
        '12 stop-requested app/tick#1',
        over('app/tick', 13, 1, 'cancelled'),
        '13 ended app/tick#1',
        '20 starting app/tick#2',
        '20 ready app/tick#2',
        started('app/tick', 30, 2).replace('#1', '#2'),
        '35 ended app/tick#2 {"reason":"killed"}',
      ),
    ).toEqual([]);
  });

  it('finds a run that begins after the stop, after a failure, or while it drains', () => {
    const begunAfter = (line: string) => broken(up('app/tick'), line, started('app/tick', 10, 1));

    expect(begunAfter('5 stop-requested app/tick#1')).toEqual([
      'Run 1 of app/tick began at 10 ms although its end had begun.',
    ]);
    expect(begunAfter('5 aborted app/tick#1')).toHaveLength(1);
    expect(begunAfter('5 ended app/tick#1')).toHaveLength(1);
    expect(begunAfter('5 draining app/tick#1')).toEqual([
      'Run 1 of app/tick began at 10 ms although it drained.',
    ]);
  });

  it('allows what runs on because the drain hook itself failed', () => {
    const failed = '5 drained app/tick#1 {"error":{"name":"Error","message":"no"}}';

    expect(
      broken(up('app/tick'), '4 draining app/tick#1', failed, started('app/tick', 10, 1)),
    ).toEqual([]);
  });

  it('finds a run that outlives its schedule', () => {
    expect(broken(up('app/tick'), started('app/tick', 10, 1), '20 ended app/tick#1')).toEqual([
      'app/tick ended at 20 ms while its run 1 was under way.',
    ]);
  });
});

describe('scheduleNoMissedTick', () => {
  const broken = (...of: string[]) => messagesOf(scheduleNoMissedTick, app, lines(...of));
  const [tick, job] = ['app/tick', 'app/job'];

  it('allows ticks that run or say why they do not', () => {
    expect(
      broken(
        up(tick),
        started(tick, 10_000, 1),
        skipped(tick, 20_000, 'overlap', 1, 20_000),
        skipped(tick, 57_000, 'missed', 2, 40_000),
        started(tick, 57_000, 2, 50_000),
        skipped(tick, 58_000, 'overlap', 1, null),
        started(tick, 60_000, 3),
      ),
    ).toEqual([]);
  });

  it('owes nothing while it is paused, down, or ticks may wait', () => {
    expect(
      broken(
        up(tick),
        started(tick, 10_000, 1),
        `11000 schedule ${tick}#1 {"status":"paused"}`,
        `45000 schedule ${tick}#1 {"status":"resumed"}`,
        skipped(tick, 45_000, 'paused', 3, 40_000),
        started(tick, 50_000, 2),
        `51000 aborted ${tick}#1`,
        `99000 ended ${tick}#1`,
      ),
    ).toEqual([]);
    expect(broken(up('app/queued'), '99000 phase app {"phase":"running"}')).toEqual([]);
  });

  it('owes nothing for an incarnation that is not known to be ready', () => {
    const run = (atMs: number) => started('app/tick', atMs, atMs).replace('#1', '#2');

    expect(
      broken(
        up('app/tick'),
        '4102 ended app/tick#1',
        '4102 starting app/tick#2',
        run(14_102),
        '20500 starting app/job#1',
        run(24_102),
      ),
    ).toEqual([]);
  });

  it('owes nothing for what a clock passes at the very moment of its start', () => {
    const phase = (atMs: number, time: number) =>
      `${atMs} phase app {"phase":"running","time":${time}}`;

    expect(broken(up(job), phase(0, 150_000), phase(100_000, 179_000))).toEqual([]);
    expect(broken(up(job), phase(1, 150_000), phase(100_000, 179_000))).toEqual([
      'app/job was due at 60000, and has neither run nor said why by 100000 ms.',
    ]);
  });

  it('finds a tick of which nothing is heard', () => {
    expect(broken(up(tick), started(tick, 10_000, 1), `25000 draining ${tick}#1`)).toEqual([
      'app/tick was due at 20000, and has neither run nor said why by 25000 ms.',
    ]);
  });

  it('finds ticks that were passed over without being counted, and made up ones', () => {
    const first = lines(up(tick), started(tick, 10_000, 1));

    expect(broken(first, started(tick, 20_000, 2, 30_000))).toEqual([
      'app/tick accounts for 1 due times after 10000 with one at 30000; its timetable has 2 up to then.',
    ]);
    expect(broken(first, started(tick, 20_000, 2, 15_000))).toEqual([
      'app/tick accounts for 1 due times after 10000 with one at 15000; its timetable has 0 up to then.',
    ]);
    expect(broken(first, skipped(tick, 20_000, 'missed', 3, 20_000))).toHaveLength(1);
  });

  it('gives a time of day until its clock is looked at again', () => {
    const wall = (atMs: number, time: number) =>
      `${atMs} phase app {"phase":"running","time":${time}}`;

    expect(broken(up(job), wall(30_000, 90_000), wall(90_000, 150_000))).toEqual([]);
    expect(broken(up(job), wall(30_000, 90_000), wall(92_000, 152_000))).toEqual([
      'app/job was due at 60000, and has neither run nor said why by 92000 ms.',
    ]);
    expect(broken(up('app/once'), wall(70_000, 70_000), wall(140_000, 140_000))).toHaveLength(1);
  });

  it('begins anew with a reset', () => {
    expect(
      broken(
        up(job),
        started(job, 60_000, 1),
        `70000 schedule ${job}#1 {"status":"reset","time":-7200000}`,
        started(job, 80_000, 2, -7_140_000),
      ),
    ).toEqual([]);
  });
});
