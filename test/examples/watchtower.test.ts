import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { alerts } from '../../examples/watchtower/queues.ts';
import type { LifecycleEvent } from '../../src/index.ts';
import { tempFolder } from './temp-folder.ts';
import { Site, Tower } from './tower.ts';

vi.mock('daruma', () => import('../../src/index.ts'));
vi.hoisted(() => {
  // The watchtower looks for flags in what this process was started with.
  process.argv = process.argv.slice(0, 2);
});

describe('a probe', () => {
  it('opens an incident after some failures in a row, and resolves it', async () => {
    const [site, chat] = [await Site.open(), await Site.open()];
    const tower = await Tower.start({ urls: [site.url], failures: 2 }, { webhook: chat.url });
    await tower.pass(() => tower.seen(site.name).length > 0);

    site.status = 500;
    await tower.pass(() => chat.posts.length === 1);
    expect(await tower.done(tower.store.openIncidents())).toMatchObject([
      { target: site.name, reason: 'HTTP 500, 2 in a row' },
    ]);

    site.status = 200;
    await tower.pass(() => chat.posts.length === 2);
    expect(await tower.done(tower.store.openIncidents())).toEqual([]);
    expect(await tower.done(tower.store.closedIncidents(0))).toHaveLength(1);
    expect(chat.posts).toMatchObject([
      { level: 'error', title: `${site.name} is down`, path: 'watchtower/reactions/alerts' },
      { level: 'success', title: `${site.name} is up again` },
    ]);
  });

  it('takes a failure that is gone at the second attempt for a hiccup', async () => {
    const site = await Site.open();
    const tower = await Tower.start({ urls: [site.url] });
    site.status = 500;
    await tower.pass(() => tower.events.some(({ type }) => type === 'retry'));

    site.status = 200;
    await tower.pass(() => tower.seen(site.name).length > 1);

    expect(
      tower
        .seen(site.name)
        .slice(-2)
        .every(({ ok }) => ok),
    ).toBe(true);
  });

  it('leaves a target that is down alone for a while, and finds out when it is back', async () => {
    const site = await Site.open();
    site.status = 500;
    const tower = await Tower.start({ urls: [site.url] });
    const isBreaker = (status: string) => (event: LifecycleEvent) =>
      event.type === 'breaker' && event.status === status;

    await tower.pass(() => tower.events.some(isBreaker('open')));
    const { requests } = site;
    await tower.pass(() => {
      const last = tower.seen(site.name).at(-1);
      return last?.outcome === 'still down, not asked';
    });
    expect(site.requests).toBe(requests);

    site.status = 200;
    await tower.pass(() => tower.events.some(isBreaker('closed')));
    await tower.pass(() => tower.seen(site.name).at(-1)?.ok);
  });

  it.each([
    ['whose token is refused', 401, undefined, 'HTTP 401'],
    ['whose URL no client would ask for', 200, 'http://127.0.0.1:6000/', 'bad port'],
  ])('%s is disabled, and somebody is told; the others go on', async (_what, status, url, why) => {
    const [bad, good, chat] = [await Site.open(), await Site.open(), await Site.open()];
    bad.status = status;
    const target = url ?? bad.url;
    const urls = [target, good.url];
    const tower = await Tower.start({ urls }, { webhook: chat.url });
    const path = `watchtower/probes/${new URL(target).host}/probe`;

    await tower.pass(() => chat.posts.length > 0);
    const checked = tower.seen(good.name).length;
    await tower.pass(() => tower.seen(good.name).length > checked);

    expect(chat.posts).toMatchObject([{ level: 'error', path, title: `${path} was given up` }]);
    expect(JSON.stringify(chat.posts)).toContain(why);
    expect(tower.system.find(path)?.status()).toBe('failed');
    expect(tower.typesAt(path).filter((type) => type === 'backoff')).toHaveLength(2);
    expect(await tower.stored(new URL(target).host)).toEqual([]);
    expect(tower.system.health()).toMatchObject({ status: 'degraded', ready: true });
  });

  it('of the site is suspended while that is down, and follows it to its new address', async () => {
    const tower = await Tower.start({});
    const paths = ['home', 'orders', 'search'].map((page) => `watchtower/probes/${page}/probe`);
    const statuses = () => paths.map((path) => tower.system.find(path)?.status());

    await tower.pass(() => tower.typesAt('watchtower/outside/site').includes('backoff'));
    await tower.pass(() => statuses().every((status) => status === 'waiting'));
    const before = tower.seen('home').length;
    await tower.pass(() => tower.seen('home').length > before);

    expect(tower.typesAt('watchtower/outside/site')).toContain('start-failed');
    expect(statuses()).toEqual(['running', 'running', 'running']);
    expect(paths.flatMap((path) => tower.typesAt(path))).not.toContain('backoff');
  });
});

describe('what is remembered', () => {
  const beats = ({ events }: Tower) =>
    events.flatMap((event) =>
      event.type === 'schedule-run' && event.path.endsWith('/pulse') ? [event.status] : [],
    );

  it('is there after a restart: checks, and the incident that was open', async () => {
    const site = await Site.open();
    const chat = await Site.open();
    site.status = 500;
    const first = await Tower.start({ urls: [site.url], failures: 1 });
    await first.pass(async () => (await first.done(first.store.openIncidents())).length > 0);
    await first.pass(() => beats(first).includes('completed'));
    await first.stop();

    site.status = 200;
    const now = first.clock.now() + 60_000;
    const options = { folder: first.folder, now, webhook: chat.url };
    const second = await Tower.start({ urls: [site.url] }, options);

    expect(second.said(`still open: ${site.name}: HTTP 500, 1 in a row`)).toBe(true);
    await second.pass(() => second.said('on watch again, after 1m'));
    await second.pass(() => chat.posts.length > 0);
    expect(chat.posts).toMatchObject([{ title: `${site.name} is up again` }]);
    const oks = async () => (await second.stored(site.name)).map(({ ok }) => ok);
    await second.pass(async () => (await oks()).at(-1));
    expect((await oks())[0]).toBe(false);
  });

  it('is forgotten when it is older than keep', async () => {
    const site = await Site.open();
    const tower = await Tower.start({ urls: [site.url], keep: '5s' });
    const began = tower.clock.now();

    await tower.pass(() => tower.clock.now() - began > 10_000);

    const stored = await tower.stored(site.name);
    expect(stored.length).toBeGreaterThan(2);
    expect((stored[0]?.at ?? 0) - began).toBeGreaterThanOrEqual(4_000);
  });

  it('is filled in from the checks of another monitor, once, while somebody can see how far', async () => {
    const [site, folder] = [await Site.open(), tempFolder()];
    const file = join(folder, 'past.jsonl');
    const now = Date.UTC(2026, 0, 1);
    const past = Array.from({ length: 50 }, (_, nth) =>
      JSON.stringify({ target: 'shop', at: now - nth * 60_000, ok: true, ms: 5, outcome: 'ok' }),
    );
    writeFileSync(file, `${past.join('\n')}\n`);
    const config = { urls: [site.url], import: file };

    const first = await Tower.start(config, { folder, now });
    await first.pass(() => first.said('filled in 50 checks'));
    const steps = first.events.flatMap((event) =>
      event.type === 'task-progress' ? [event.fraction] : [],
    );
    expect(steps[0]).toBe(0);
    expect(steps.length).toBeGreaterThan(1);
    expect(await first.stored('shop')).toHaveLength(50);
    await first.stop();

    const second = await Tower.start(config, { folder, now: first.clock.now() });
    await second.pass(() => second.seen(site.name).length > 0);
    expect(second.said('filled in')).toBe(false);
  });
});

describe('an alert', () => {
  const down = (site: Site) => ({ title: `${site.name} is down`, level: 'error' });

  it('that could not be delivered is delivered after a restart, and once', async () => {
    const [site, chat] = [await Site.open(), await Site.open()];
    [site.status, chat.status] = [500, 503];
    const config = { urls: [site.url], failures: 1, tell: chat.url };
    const first = await Tower.start(config);
    await first.pass(() => chat.requests > 1);
    await first.stop();
    const [attempt] = chat.posts;

    chat.status = 200;
    chat.posts.length = 0;
    const now = first.clock.now() + 60_000;
    const second = await Tower.start(config, { folder: first.folder, now });
    await second.pass(() => second.said(`told: ${site.name} is down`));
    await second.pass(() => second.seen(site.name).length > 3);

    // The incident is the old one, and so is what is told of it.
    expect(chat.posts).toEqual([attempt]);
    expect(chat.posts).toMatchObject([down(site)]);
  });

  it('that was refused is a dead letter, and is told when it is redriven', async () => {
    const [site, chat] = [await Site.open(), await Site.open()];
    [site.status, chat.status] = [500, 404];
    const tower = await Tower.start({ urls: [site.url], failures: 1, tell: chat.url });
    const { jobs } = tower.system;
    const dead = () => tower.done(jobs.list(alerts, 'dead'));
    await tower.pass(async () => (await dead()).length > 0);
    const [letter] = await dead();
    expect(letter).toMatchObject({ reason: 'not-retryable', attempt: 1 });
    expect(letter?.error?.message).toContain('HTTP 404');

    chat.status = 200;
    chat.posts.length = 0;
    const ids = await tower.done(jobs.redrive(alerts));
    await tower.pass(() => chat.posts.length > 0);

    expect(chat.posts).toMatchObject([{ ...down(site), id: ids[0] }]);
    await tower.pass(async () => (await dead()).length === 0);
  });

  it('that an incident is over comes after the one that it began', async () => {
    const [site, chat] = [await Site.open(), await Site.open()];
    [site.status, chat.status] = [500, 503];
    const tower = await Tower.start({ urls: [site.url], failures: 1, tell: chat.url });
    await tower.pass(() => chat.requests > 0);
    site.status = 200;
    await tower.pass(async () => (await tower.done(tower.store.closedIncidents(0))).length > 0);

    chat.status = 200;
    await tower.pass(() => tower.said(`told: ${site.name} is up again`));

    const titles = [...new Set(chat.posts.map(({ title }) => title))];
    expect(titles).toEqual([`${site.name} is down`, `${site.name} is up again`]);
  });
});

describe('the summary', () => {
  it('is told at its time, and written as a report', async () => {
    const site = await Site.open();
    const tower = await Tower.start({ urls: [site.url], summary: '*/5 * * * * *' });

    await tower.pass(() => tower.said('Summary: 1 of 1 target up, 100% of '));

    const report = readFileSync(join(tower.folder, 'report.md'), 'utf8');
    expect(report).toMatch(/^# Watchtower\n\n2025-12-31 .* 1 of 1 target up/);
    expect(report).toContain(`| ${site.name} | HTTP 200 | 100% |`);
  });
});

describe('the plugin', () => {
  it('tells when a page has changed, and knows what it was before a restart', async () => {
    const [site, chat] = [await Site.open(), await Site.open()];
    site.text = 'rice 1';
    const config = { urls: [site.url], page: `${site.url}prices` };
    const first = await Tower.start(config, { webhook: chat.url });
    const path = 'watchtower/extras/plugins/page-watch/service';
    await first.pass(() => first.system.find(path)?.status() === 'running' && site.requests > 2);
    await first.stop();
    expect(chat.posts).toEqual([]);

    site.text = 'rice 2';
    const now = first.clock.now() + 1_000;
    const second = await Tower.start(config, { folder: first.folder, webhook: chat.url, now });
    await second.pass(() => chat.posts.length > 0);

    expect(chat.posts).toMatchObject([{ title: '/prices has changed', message: 'rice 2', path }]);
  });
});

describe('the watchtower', () => {
  it('tells a dead man that it is alive', async () => {
    const [site, receiver] = [await Site.open(), await Site.open()];
    const tower = await Tower.start({ urls: [site.url], beat: receiver.url });

    await tower.pass(() => receiver.posts.length === 2);

    receiver.status = 500;
    const health = () => tower.system.find('watchtower/self/pulse')?.health();
    await tower.pass(() => health()?.status === 'degraded');
    expect(health()?.reasons[0]?.reason).toBe('a beat failed: the receiver answers HTTP 500');
  });

  it('serves its own health, and what it counts', async () => {
    const site = await Site.open();
    const tower = await Tower.start({ urls: [site.url] });
    await tower.pass(() => tower.seen(site.name).length > 1);
    const page = async (path: string) => {
      const response = await tower.done(fetch(`${tower.system.http?.url}${path}`));
      return [response.status, await tower.done(response.text())] as const;
    };

    expect((await page('/livez'))[0]).toBe(200);
    const [ready, checks] = await page('/readyz?verbose');
    expect(ready).toBe(200);
    expect(checks).toContain('watchtower/store');
    const [, metrics] = await page('/metrics');
    expect(metrics).toMatch(
      new RegExp(`watchtower_checks_total\\{.*outcome="ok",target="${site.name}"\\} [1-9]`),
    );
    expect(metrics).toMatch(/watchtower_open_incidents\{.*\} 0/);
    expect(metrics).toMatch(/watchtower_check_seconds_bucket/);
  });

  it('says so when nobody looks any more', async () => {
    const site = await Site.open();
    const tower = await Tower.start({ urls: [site.url] });
    await tower.pass(() => tower.seen(site.name).length > 0);

    await tower.done(tower.system.ref('watchtower/probes').stop());
    await tower.clock.advance(60_000);
    const health = () => tower.system.ref('watchtower/reactions/recorder').health();
    await tower.pass(() => health().status === 'degraded');

    expect(health().reasons[0]?.reason).toMatch(/^news: no check for /);
  });

  it('stops in order and at once, also when a URL does not answer', async () => {
    const site = await Site.open();
    site.status = undefined;
    const tower = await Tower.start({ urls: [site.url], timeout: '1h', every: '2h' });
    await tower.pass(() => site.requests === 1);
    const began = tower.clock.now();

    const report = await tower.stop();

    // The drain has half of the grace period; then the request is cut off.
    expect(tower.clock.now() - began).toBeLessThan(13_000);
    expect(report).toMatchObject({ exitCode: 0, unstopped: [], stopErrors: [] });
    const ended = tower.events.filter(({ type }) => type === 'ended').map(({ path }) => path);
    const inOrder = ['/probes', '/reactions/samples', '/store'];
    const places = inOrder.map((path) => ended.indexOf(`watchtower${path}`));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });
});
