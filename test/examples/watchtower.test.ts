import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { LifecycleEvent } from '../../src/index.ts';
import { tempFolder } from './temp-folder.ts';
import { Site, Tower } from './tower.ts';

vi.mock('daruma', () => import('../../src/index.ts'));
vi.hoisted(() => {
  // The watchtower looks for flags in what this process was started with.
  process.argv = process.argv.slice(0, 2);
});

const probePath = (site: Site) => `watchtower/watch/probes/${new URL(site.url).host}`;

describe('a probe', () => {
  it('opens an incident after some failures in a row, and resolves it', async () => {
    const site = await Site.open();
    const tower = await Tower.start({ urls: [site.url], failures: 2 });
    const check = async () => {
      const { checks = 0 } = tower.overview.probes[0] ?? {};
      await tower.clock.advance(1_000);
      await tower.until(() => (tower.overview.probes[0]?.checks ?? 0) > checks);
    };
    const healths = () =>
      tower.events.flatMap((event) =>
        event.type === 'health' && event.path === probePath(site) ? [event.status] : [],
      );
    await tower.until(() => tower.overview.probes[0]?.isUp);

    site.status = 500;
    await check();
    expect(tower.overview).toMatchObject({ probes: [{ isUp: false }], openIncidents: [] });

    await check();
    await tower.until(() => tower.said('HTTP 500, 2 times in a row'));
    expect(tower.overview.openIncidents).toMatchObject([{ reason: 'HTTP 500, 2 times in a row' }]);

    await check();
    site.status = 200;
    await check();
    await tower.until(() => tower.said('resolved'));
    expect(tower.overview).toMatchObject({
      probes: [{ isUp: true, checks: 5, failures: 3, failuresInARow: 0, lastOutcome: '200' }],
      openIncidents: [],
    });
    expect(healths().slice(-3)).toEqual(['degraded', 'unhealthy', 'healthy']);
    expect(tower.logs.filter(({ msg }) => msg.startsWith('opened'))).toHaveLength(1);
  });

  it('is stopped for good when its URL can never work; the others go on', async () => {
    const site = await Site.open();
    const tower = await Tower.start({ urls: ['http://127.0.0.1:6000/x', site.url], every: '1h' });
    const hopeless = 'watchtower/watch/probes/127.0.0.1:6000-x';

    await tower.until(() => tower.system.find(hopeless) === undefined);
    await tower.until(() => tower.overview.openIncidents.length > 0);
    await tower.until(() => tower.overview.probes[1]?.isUp);
    await tower.clock.advance(60_000);

    expect(tower.typesAt(hopeless)).not.toContain('backoff');
    expect(tower.overview.openIncidents).toMatchObject([{ reason: 'bad port' }]);
    expect(tower.system.find(probePath(site))?.status()).toBe('running');
  });

  it('of the target is suspended while that is down, and follows it to its new address', async () => {
    const tower = await Tower.start({});
    const pages = ['home', 'orders', 'search'].map((page) => `watchtower/watch/probes/${page}`);
    await tower.until(() => tower.overview.probes.every(({ checks }) => checks === 1));
    const before = tower.overview.probes.map(({ url }) => url);

    await tower.clock.advance(5_000);
    for (const page of pages) {
      expect(tower.system.find(page)?.explain()).toMatchObject({ status: 'waiting' });
    }
    const checked = tower.overview.probes.map(({ checks }) => checks);

    await tower.clock.advance(5_000);
    await tower.until(() =>
      tower.overview.probes.every(({ checks }, index) => checks > (checked[index] ?? 0)),
    );
    expect(tower.typesAt('watchtower/target')).toEqual(
      expect.arrayContaining(['ended', 'backoff', 'start-failed', 'ready']),
    );
    expect(tower.overview.probes.map(({ url }) => url)).not.toEqual(before);
    expect(pages.map((page) => tower.system.find(page)?.status())).toEqual(
      pages.map(() => 'running'),
    );
    expect(pages.flatMap((page) => tower.typesAt(page))).not.toContain('backoff');
  });
});

describe('a tail', () => {
  it('counts what is written, from the moment the file is there', async () => {
    const folder = tempFolder();
    const file = join(folder, 'app.log');
    const tower = await Tower.start({ files: [file] });
    const path = 'watchtower/watch/tails/app.log';
    const log = () => tower.overview.logs[0];
    await tower.until(() => tower.system.find(path)?.health().status === 'degraded');
    expect(log()?.problem).toBe('no such file');

    appendFileSync(file, 'ERROR one\nINFO two\nERROR half');
    await tower.clock.advance(500);
    await tower.until(() => log()?.lines.total === 2);
    expect(tower.system.find(path)?.health().status).toBe('healthy');

    appendFileSync(file, ' and the rest\n');
    await tower.clock.advance(500);
    await tower.until(() => log()?.lines.total === 3);
    expect(log()).toMatchObject({
      lines: { error: 2, info: 1 },
      errorsInLastMinute: 2,
      lastErrors: ['ERROR half and the rest', 'ERROR one'],
    });

    await tower.clock.advance(60_000);
    expect(log()).toMatchObject({ lines: { error: 2 }, errorsInLastMinute: 0 });
  });

  it('gives up what is no file, and says so', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'app.log'));
    const tower = await Tower.start({ files: [join(folder, 'app.log')] });

    await tower.until(() => tower.system.find('watchtower/watch/tails/app.log') === undefined);

    expect(tower.overview.logs).toMatchObject([
      { problem: expect.stringContaining('is not a regular file') },
    ]);
    expect(tower.system.ref('watchtower/watch/tails').status()).toBe('running');
  });
});

describe('the report', () => {
  const reportIn = (tower: Tower) => {
    return JSON.parse(readFileSync(join(tower.folder, 'report.json'), 'utf8'));
  };

  it('is written after a round, and once more at the end', async () => {
    const site = await Site.open();
    const tower = await Tower.start({ urls: [site.url] });
    await tower.until(() => tower.overview.probes[0]?.isUp);

    await tower.clock.advance(1_000);
    await tower.until(() => readdirSync(tower.folder).includes('report.md'));
    expect(reportIn(tower)).toMatchObject({ probes: [{ url: site.url }] });

    await tower.until(() => tower.overview.probes[0]?.checks === 2);
    await tower.stop();
    expect(reportIn(tower)).toMatchObject({ probes: [{ checks: 2 }] });
    expect(readdirSync(tower.folder).sort()).toEqual(['.gitignore', 'report.json', 'report.md']);
  });

  it('goes on with the history of the run before', async () => {
    const first = await Tower.start({ files: ['none.log'] });
    await first.until(async () => {
      await first.clock.advance(1_000);
      return first.overview.history.length >= 3;
    });
    const { history } = first.overview;
    await first.stop();

    const second = await Tower.start({ files: ['none.log'] }, first.folder);

    expect(second.overview.history).toEqual(history);
  });

  it('begins anew where there is something else of that name', async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'report.json'), '{ "mine": true }');

    const tower = await Tower.start({ files: ['none.log'] }, folder);

    expect(tower.overview.history).toEqual([]);
    expect(tower.said('begins a new history')).toBe(true);
  });
});

describe('the watchtower', () => {
  it('says in a line how everything is, and what is still open', async () => {
    const site = await Site.open();
    site.status = 503;
    const tower = await Tower.start({ urls: [site.url], failures: 1 });
    await tower.until(() => tower.said('opened'));

    await tower.clock.advance(6_000);
    await tower.until(() => tower.said('still open'));

    const lines = tower.logs.filter(({ actor }) => actor === 'watchtower/publish/summary');
    expect(lines.map(({ msg }) => msg).slice(-2)).toEqual([
      expect.stringMatching(/^0\/1 URLs up, load .*, disk \d+%, .*, 1 open incident$/),
      expect.stringMatching(/^still open: 127.0.0.1:\d+: HTTP 503, 1 times in a row$/),
    ]);
  });

  it('needs neither URLs nor a target of its own when it has files', async () => {
    const tower = await Tower.start({ files: ['none.log'] });

    expect(tower.typesAt('watchtower/target')).toEqual(['waiting', 'starting', 'ignored']);
    expect(tower.system.ref('watchtower/watch/probes').status()).toBe('stopped');
    expect(tower.system.health().ready).toBe(true);
  });

  it('is not taken for stuck when it rests for long', async () => {
    const site = await Site.open();
    const tower = await Tower.start({ urls: [site.url], every: '1h' });
    await tower.until(() => tower.overview.probes[0]?.isUp && tower.overview.host);

    for (let minute = 0; minute < 30; minute++) await tower.clock.advance(60_000);

    const overdue = tower.events.filter(({ type }) => type === 'overdue');
    expect(overdue).toEqual([]);
    expect(site.requests).toBe(1);
  });

  it('stops in order and at once, also when a URL does not answer', async () => {
    const site = await Site.open();
    site.status = undefined;
    const tower = await Tower.start({ urls: [site.url], files: ['none.log'], timeout: '1h' });
    await tower.until(() => site.requests === 1);
    const began = performance.now();

    const report = await tower.done(tower.system.stop());

    expect(performance.now() - began).toBeLessThan(1_000);
    expect(report).toMatchObject({ exitCode: 0, unstopped: [], stopErrors: [] });
    const ended = tower.events.filter(isEnd).map(({ path }) => path);
    const inOrder = ['/watch', '/publish/report', '/publish', '/ledger', '/workspace'];
    const places = inOrder.map((path) => ended.indexOf(`watchtower${path}`));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });
});

function isEnd(event: LifecycleEvent): boolean {
  return event.type === 'ended';
}
