import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daruma, folderWith, patienceMs } from './daruma.ts';

const services = `
import { service, supervisor } from 'daruma';
const database = service('database', {
  start: async (ctx) => { await ctx.sleep('20ms'); return 1; },
});
const feed = service('feed', { needs: { database } }, async (ctx) => {
  await ctx.sleep('50ms');
  throw new Error('no rows');
});
export const simulate = { 'app/feed': { mtbf: '1h', mttr: '5s' } };
export default supervisor('app', [database, feed]);
`;

const check = ['check', 'services.ts', '--runs', '10', '--hours', '20', '--seed', '1'];

describe('daruma check', { timeout: patienceMs }, () => {
  it('says whether invariants hold, how long things take and how available they are', async () => {
    const cwd = folderWith({ 'services.ts': services });

    const { code, stdout, stderr } = await daruma(check, { cwd }).exit;

    expect(stderr).toBe('');
    expect(stdout).toMatch(/✔ \d+ invariants hold in 10 runs with \d+ faults \(.*, seed 1\)/);
    expect(stdout).toMatch(/✔ worst-case start {2}20s, within 1m; \S+ seen under faults/);
    expect(stdout).toContain('Availability over 20 hours of failures');
    expect(stdout).toMatch(/app\/feed +1h +5s +99\.\d+ %/);
    expect(stdout).toMatch(/everything up +99\.\d+ %/);
    expect(code).toBe(0);
  });

  it('says the same as data, and the same again for the same seed', async () => {
    const cwd = folderWith({ 'services.ts': services });

    const [first, second] = await Promise.all([
      daruma([...check, '--json'], { cwd }).exit,
      daruma([...check, '--json'], { cwd }).exit,
    ]);

    expect(JSON.parse(first.stdout)).toMatchObject({
      ok: true,
      seed: 1,
      runs: 10,
      availability: { hours: 20, services: [{ path: 'app/database' }, { path: 'app/feed' }] },
    });
    expect(second.stdout).toBe(first.stdout);
  });

  it('refuses what is said of a service that is not there', async () => {
    const cwd = folderWith({ 'services.ts': services });

    const { code, stderr } = await daruma([...check, '--service', 'app/fed=mtbf:1h'], { cwd }).exit;

    expect(stderr).toContain('there is no service app/fed.');
    expect(stderr).toContain('Did you mean app/feed?');
    expect(code).toBe(2);
  });
});

const spinning = `
import { service, supervisor } from 'daruma';
const feed = service('feed', { backoff: { first: 0, max: 0 } }, async (ctx) => ctx.sleep('1h'));
export const simulate = { 'app/feed': { runsFor: process.env.FIXED ? '1h' : 0 } };
export default supervisor('app', { intensity: 300 }, [feed]);
`;

describe('a failure of daruma check', { timeout: patienceMs }, () => {
  it('is kept, run again by its file alone, and tried first the next time', async () => {
    const cwd = folderWith({ 'services.ts': spinning });

    const args = [
      'check',
      'services.ts',
      '--seed',
      '1',
      '--runs',
      '20',
      '--hours',
      '1',
      '--reboot',
      '1h',
    ];
    const first = await daruma([...args, '--failures', 'kept'], { cwd }).exit;
    const [, file = ''] =
      /Again: npx daruma replay (kept\S+\.trace\.jsonl)/.exec(first.stdout) ?? [];
    const [replay, fixed, next] = await Promise.all([
      daruma(['replay', file], { cwd }).exit,
      daruma(['replay', file], { cwd, env: { FIXED: '1' } }).exit,
      daruma([...args, '--failures', 'kept'], { cwd }).exit,
    ]);

    expect(first.code).toBe(5);
    expect(replay.stdout).toContain('noLivelock is violated again, by the very same run.');
    expect(replay.code).toBe(5);
    expect(fixed.stdout).toContain('Fixed: noLivelock is not violated any more');
    expect(fixed.code).toBe(0);
    expect(next.stdout).toContain('An earlier failure is back: noLivelock');
  });
});

describe('a journal', { timeout: patienceMs }, () => {
  let cwd: string;
  const file = () => join(cwd, 'app.jsonl');

  it('survives a kill, is checked and drawn', async () => {
    cwd = folderWith({ 'services.ts': services });
    const run = daruma(['run', 'services.ts', '--journal', 'app.jsonl', '--no-json'], { cwd });
    await run.sees('attempt 2');
    run.signal('SIGKILL');
    await run.exit;
    const lines = readFileSync(file(), 'utf8').trimEnd().split('\n');

    const log = await daruma(['check', 'services.ts', '--log', 'app.jsonl'], { cwd }).exit;
    const page = await daruma(['timeline', 'app.jsonl', '-o', 'app.html'], { cwd }).exit;
    const diff = await daruma(['diff', 'app.jsonl', 'app.jsonl'], { cwd }).exit;

    expect(lines.map((line) => JSON.parse(line).type)).toContain('backoff');
    expect(log.stdout).toMatch(/✔ run 1: 3\d of \d+ invariants are judged and hold in \d+ events/);
    expect(log.stdout).toMatch(/not judged, a log does not say what bodies do: abortDelivered/);
    expect(log.stdout).toMatch(/it does not go on to the end of the run: shutdownCompletes/);
    expect(log.code).toBe(0);
    expect(page.stdout).toBe('✔ Wrote app.html\n');
    expect(readFileSync(join(cwd, 'app.html'), 'utf8')).toContain('app/feed');
    expect([diff.code, diff.stdout]).toEqual([0, 'The traces are the same.\n']);
  });

  it('tells of what broke an invariant', async () => {
    cwd = folderWith({ 'services.ts': services });
    await daruma(['run', 'services.ts', '--journal', 'app.jsonl', '--for', '400ms'], { cwd }).exit;
    const text = readFileSync(file(), 'utf8');
    const forged = text.replaceAll('"delayMs":', '"delayMs":9e9,"was":');
    const folder = folderWith({ 'services.ts': services, 'app.jsonl': forged });

    const { code, stdout } = await daruma(['check', 'services.ts', '--log', 'app.jsonl'], {
      cwd: folder,
    }).exit;

    expect(stdout).toMatch(/✖ run 1: \d+ violations? of the \d+ of \d+ invariants that are judged/);
    expect(stdout).toContain('backoffBounds, at app/feed');
    expect(code).toBe(5);
  });

  it('is refused where there is none', async () => {
    cwd = folderWith({ 'services.ts': services, 'app.jsonl': 'no journal\n' });

    const log = await daruma(['check', 'services.ts', '--log', 'app.jsonl'], { cwd }).exit;
    const replay = await daruma(['replay', 'app.jsonl', '--tree', 'services.ts'], { cwd }).exit;

    expect(log.stderr).toContain('app.jsonl is no journal');
    expect(replay.stderr).toContain('app.jsonl is no trace');
    expect([log.code, replay.code]).toEqual([2, 2]);
  });
});

const buggy = `
import { service, supervisor } from 'daruma';
export const makeApp = () => {
  let isOpen = false;
  const database = service('database', {
    start: (ctx) => { isOpen = true; ctx.defer(() => { isOpen = false; }); },
  });
  const orders = service('orders', async (ctx) => {
    for (;;) {
      await ctx.sleep('100ms');
      if (!isOpen) throw new Error('closed');
    }
  });
  return supervisor('app', [database, orders]);
};
export default makeApp();
`;

const keep = `
import { bodyInvariants, checkTree } from 'daruma/testing';
import { makeApp } from './services.ts';
await checkTree(makeApp, { seed: 1, invariants: bodyInvariants, regressions: 'failures', origin: { services: 'services.ts' } })
  .catch((error) => console.log(error.message));
export { default } from './services.ts';
`;

describe('daruma replay', { timeout: patienceMs }, () => {
  it('runs a failure that was kept again', async () => {
    const cwd = folderWith({ 'services.ts': buggy, 'keep.ts': keep });
    const kept = await daruma(['tree', 'keep.ts'], { cwd }).exit;
    const file = /(failures\S+\.trace\.jsonl)/.exec(kept.stdout)?.[1] ?? '';

    const replay = await daruma(['replay', file], { cwd }).exit;
    const stubbed = await daruma(['replay', file, '--stubs'], { cwd }).exit;
    const page = await daruma(['timeline', file], { cwd }).exit;

    expect(replay.stdout).toContain('failsOnlyWhenStruck');
    expect(replay.code).toBe(5);
    // A stub does not look whether the database is open.
    expect(stubbed.stdout).toContain('Fixed: failsOnlyWhenStruck');
    expect(stubbed.code).toBe(0);
    expect(kept.stdout).toContain(`Again: npx daruma replay ${file}`);
    expect(page.stdout).toMatch(/✔ Wrote failures.*\.html/);
  });

  it('does not call fixed what it cannot look for', async () => {
    const header = {
      v: 1,
      name: 'x',
      violation: { invariant: 'neverTwice' },
      plan: { faults: [] },
    };
    const trace = `${JSON.stringify(header)}\n`;
    const cwd = folderWith({ 'services.ts': buggy, 'x.trace.jsonl': trace });

    const replay = await daruma(['replay', 'x.trace.jsonl', '--tree', 'services.ts'], { cwd }).exit;

    const treeless = await daruma(['replay', 'x.trace.jsonl'], { cwd }).exit;

    expect(treeless.stderr).toContain('Name it: --tree services.ts');
    expect(treeless.code).toBe(2);
    expect(replay.stderr).toMatch(/violates 'neverTwice', which is an invariant of yours/);
    expect(replay.code).toBe(2);
  });
});
