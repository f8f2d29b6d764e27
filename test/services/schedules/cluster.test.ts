import { describe, expect, it } from 'vitest';
import { at, cron, every, type RunContext, type Schedule, supervisor } from '../../../src/index.ts';
import { appOf, faultsOf } from '../../define/faults-of.ts';
import { Cluster, type Replica } from '../../jobs/replicas.ts';
import { minute } from './stage.ts';

const minuteMs = 60_000;
const once = 'cluster';

/** What runs, and where: `00:01 a`. */
class Log {
  readonly lines: string[] = [];

  readonly work = (replica: string) => (ctx: RunContext) => {
    this.lines.push(`${minute(ctx.due.getTime()).slice(11)} ${replica}`);
  };

  get dues(): string[] {
    return this.lines.map((line) => line.slice(0, 5));
  }
}

function skipsOf({ events }: Replica<never>): string[] {
  return events.flatMap((event) =>
    event.type === 'schedule-skipped' ? [`${event.why} ${event.count}`] : [],
  );
}

function statusesOf({ events }: Replica<never>): string[] {
  return events.flatMap((event) => (event.type === 'schedule' ? [event.status] : []));
}

const handle = (replica: Replica<never>) => replica.system.find('app/sync')?.value() as Schedule;

function minutely(options: object = {}) {
  const log = new Log();
  const cluster = new Cluster(
    (who) => supervisor('app', [every('sync', '1m', { once, ...options }, log.work(who))]) as never,
  );
  return { log, cluster };
}

describe('a schedule that runs once in a cluster', () => {
  it('runs each tick in one of its replicas', async () => {
    const { log, cluster } = minutely();
    const replicas = [await cluster.start('a')];
    await cluster.advance(20_000);
    replicas.push(await cluster.start('b'), await cluster.start('c'));
    await cluster.advance(10 * minuteMs);

    expect(log.dues).toEqual(
      Array.from({ length: 10 }, (_, nth) => minute((nth + 1) * minuteMs).slice(11)),
    );
    expect(
      replicas.map((replica) => handle(replica).counts.started).reduce((sum, n) => sum + n),
    ).toBe(10);
    const { counts } = handle(replicas[1] as never);
    expect(counts).toMatchObject({ elsewhere: 10 - counts.started, skipped: 0, missed: 0 });
    expect(new Set(skipsOf(replicas[2] as never))).toEqual(new Set(['elsewhere 1']));
  });

  it('has its ticks at multiples of its period since the epoch', async () => {
    const { log, cluster } = minutely();
    await cluster.advance(90_500);
    const a = await cluster.start('a');

    expect(
      handle(a)
        .next(2)
        .map((date) => date.toISOString().slice(11, 23)),
    ).toEqual(['00:02:00.000', '00:03:00.000']);
    await cluster.advance(30_000);
    expect(log.lines).toEqual(['00:02 a']);
  });

  it('goes on in another replica when one is killed, also in the middle of a run', async () => {
    const { log, cluster } = minutely();
    const a = await cluster.start('a');
    await cluster.advance(2.5 * minuteMs);
    await cluster.start('b');
    a.kill();
    await cluster.advance(2 * minuteMs);

    expect(log.lines).toEqual(['00:01 a', '00:02 a', '00:03 b', '00:04 b']);
  });

  it('knows after a downtime what was run last: one run for what was missed', async () => {
    const { log, cluster } = minutely();
    const a = await cluster.start('a');
    await cluster.advance(2.5 * minuteMs);
    await a.stop();
    await cluster.advance(10 * minuteMs);
    const b = await cluster.start('b');
    const c = await cluster.start('c');
    await cluster.advance(minuteMs);

    expect(log.dues).toEqual(['00:01', '00:02', '00:12', '00:13']);
    expect(skipsOf(b)).toContain('missed 9');
    expect(skipsOf(c)).toContain('elsewhere 1');
  });

  it.each([
    ['all', ['00:01', '00:02', '00:03', '00:04', '00:05', '00:06']],
    ['drop', ['00:01', '00:06']],
  ])('after a downtime, missed: %s', async (missed, dues) => {
    const { log, cluster } = minutely({ missed, missedAfter: '1s' });
    const a = await cluster.start('a');
    await cluster.advance(1.5 * minuteMs);
    await a.stop();
    await cluster.advance(4 * minuteMs);
    await cluster.start('b');
    await cluster.start('c');
    await cluster.advance(minuteMs);

    expect([...log.dues].sort()).toEqual(dues);
  });

  it('begins with nothing to make up for when it is new', async () => {
    const log = new Log();
    const cluster = new Cluster((who) =>
      supervisor('app', [cron('sync', '*/5 * * * *', { once }, log.work(who))]),
    );
    await cluster.advance(7 * minuteMs);
    await cluster.start('a');
    await cluster.advance(4 * minuteMs);

    expect(log.lines).toEqual(['00:10 a']);
  });

  it('runs what is asked for by hand in each replica', async () => {
    const { log, cluster } = minutely();
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    const results = [handle(a).runNow(), handle(b).runNow()];
    await cluster.advance(1);

    expect((await Promise.all(results)).map(({ status }) => status)).toEqual([
      'completed',
      'completed',
    ]);
    expect(log.lines).toHaveLength(2);
  });

  it('goes on in the others while it is paused in one', async () => {
    const { log, cluster } = minutely();
    const a = await cluster.start('a');
    await cluster.start('b');
    handle(a).pause();
    await cluster.advance(2 * minuteMs);

    expect(log.lines).toEqual(['00:01 b', '00:02 b']);
  });

  it('does a date once, over all processes', async () => {
    const log = new Log();
    const date = '2026-01-01T00:05:00Z';
    const cluster = new Cluster((who) =>
      supervisor('app', [at('sync', date, { once, ifPast: 'run' }, log.work(who))]),
    );
    const a = await cluster.start('a');
    await cluster.start('b');
    await cluster.advance(6 * minuteMs);
    expect(log.dues).toEqual(['00:05']);
    await a.stop();
    const c = await cluster.start('c');
    await cluster.advance(6 * minuteMs);

    expect(log.dues).toEqual(['00:05']);
    expect(c.system.find('app/sync')?.status()).toBe('stopped');
  });

  it('does a date that passed while nobody was up, where it is to', async () => {
    const log = new Log();
    const cluster = new Cluster((who) =>
      supervisor('app', [
        at('sync', '2026-01-01T00:05:00Z', { once, ifPast: 'run' }, log.work(who)),
      ]),
    );
    await cluster.advance(10 * minuteMs);
    await cluster.start('a');
    await cluster.start('b');

    expect(log.lines).toEqual(['00:05 a']);
  });
});

describe('a schedule whose storage cannot be reached', () => {
  it('begins when it can, and makes up for what it has missed', async () => {
    const { log, cluster } = minutely();
    const a = await cluster.start('a');
    await cluster.advance(1.5 * minuteMs);
    await a.stop();
    const b = await cluster.start('b', { isCut: true });
    expect(b.system.phase).toBe('running');
    expect(handle(b).status).toBe('waiting');
    await cluster.advance(2 * minuteMs);
    expect(log.dues).toEqual(['00:01']);
    b.line.isCut = false;
    await cluster.advance(minuteMs);

    expect(log.dues).toEqual(['00:01', '00:03', '00:04']);
    expect(statusesOf(b)).toEqual(['unreachable', 'reachable']);
  });

  it('asks for its tick until somebody answers; the others may be faster', async () => {
    const { log, cluster } = minutely();
    const a = await cluster.start('a');
    await cluster.advance(30_000);
    a.line.isCut = true;
    await cluster.advance(40_000);
    expect(log.lines).toEqual([]);
    a.line.isCut = false;
    await cluster.advance(15_000);
    expect(log.lines).toEqual(['00:01 a']);
    const b = await cluster.start('b');
    a.line.isCut = true;
    await cluster.advance(minuteMs);
    a.line.isCut = false;
    await cluster.advance(20_000);

    expect(log.lines).toEqual(['00:01 a', '00:02 b']);
    expect(skipsOf(a)).toEqual(['elsewhere 1']);
    expect(skipsOf(b)).toEqual([]);
  });

  it('loses a tick rather than run it twice, when nobody can say whose it was', async () => {
    const { log, cluster } = minutely();
    const a = await cluster.start('a');
    a.line.isDeaf = true;
    await cluster.advance(minuteMs);
    a.line.isDeaf = false;
    await cluster.advance(minuteMs);

    expect(log.lines).toEqual(['00:02 a']);
  });

  it('stops all the same', async () => {
    const { cluster } = minutely();
    const a = await cluster.start('a', { isCut: true });
    const b = await cluster.start('b');
    b.line.isHanging = true;
    await cluster.advance(70_000);

    expect(await a.stop()).toMatchObject({ reason: 'stopped', unstopped: [] });
    expect(await b.stop()).toMatchObject({ reason: 'stopped', unstopped: [] });
    expect(skipsOf(b)).toEqual(['closed 1']);
  });
});

it.each([{ immediately: true }, { pace: 'fixed-delay' }, { once: 'always' }])(
  'refuses what would be another tick in each replica: %o',
  (options) => {
    const schedule = every('sync', '1m', { once, ...options } as never, () => {});

    expect(faultsOf(appOf(schedule))).toMatchSnapshot();
  },
);
