import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patienceMs, Run } from './daruma.ts';
import { installInto, tsc } from './packed.ts';

const fixture = fileURLToPath(new URL('fixtures/batteries.ts', import.meta.url));

describe('the packed package', { timeout: patienceMs }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'daruma-packed-'));
  const installed = join(folder, 'node_modules/daruma');
  const daruma = (...args: readonly string[]) =>
    new Run([join(installed, 'bin/daruma.js'), ...args], { cwd: folder });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

  beforeAll(() => {
    write('package.json', JSON.stringify({ type: 'module' }));
    cpSync(fixture, join(folder, 'services.ts'));
    installInto(folder, ['valibot']);
  }, patienceMs);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what a user needs, and nothing of how it is made', () => {
    expect(readdirSync(installed).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'docs',
      'package.json',
    ]);
    expect(readdirSync(join(installed, 'dist')).sort()).toEqual(['actors', 'src']);
  });

  it('runs every battery, and finds what it has stored', async () => {
    for (const count of [1, 2]) {
      const run = daruma('run', 'services.ts', '--no-json', '--http', '127.0.0.1:0');
      await run.sees(`Counted: ${count}, doubled ${2 * count}, at 1.5`);
      await run.sees(/greeter\/service +hello Ada, 0 stored/);
      await run.sees(/app\/poll +polled/);
      await run.sees('is running');
      const [url = ''] = /http:\/\/[\d.:]+/.exec(run.stdout) ?? [];
      const pages = await Promise.all(
        ['/readyz', '/metrics'].map(async (page) => await (await fetch(url + page)).text()),
      );
      run.signal('SIGTERM');

      expect(pages[0]).toBe('ok\n');
      expect(pages[1]).toContain('counts_total{actor="app/listener"} 1');
      expect(await run.exit).toMatchObject({ code: 0, stderr: '' });
    }
  });

  it('shows and checks the same tree', async () => {
    const tree = await daruma('tree', 'services.ts').exit;
    const few = ['--runs', '5', '--hours', '100', '--seed', '1'];
    const check = await daruma('check', 'services.ts', ...few).exit;

    expect(tree).toMatchObject({ code: 0, stderr: '' });
    expect(tree.stdout).toMatch(/nightly .*cron 30 2 \* \* \* \(Europe\/Zurich\)/);
    expect(check).toMatchObject({ code: 0, stderr: '' });
    expect(check.stdout).toMatch(/✔ \d+ invariants hold in 5 runs/);
  });

  it('type-checks strictly, its own declarations and those of its dependencies too', () => {
    const compilerOptions = {
      target: 'es2024',
      module: 'nodenext',
      types: ['node'],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    };
    write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['services.ts'] }));

    const { stdout, status } = spawnSync(process.execPath, [tsc], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([stdout, status]).toEqual(['', 0]);
  });

  it('can be required', async () => {
    write(
      'required.cjs',
      `const { createSystem, service, supervisor } = require('daruma');
       const { VirtualClock } = require('daruma/testing');
       const idle = service('idle', (ctx) => ctx.sleep('1d'));
       const system = createSystem(supervisor('app', [idle]), { clock: new VirtualClock() });
       console.log(system.paths().join(' '), require('daruma/package.json').name);`,
    );

    const { code, stdout, stderr } = await new Run(['required.cjs'], { cwd: folder }).exit;
    expect([code, stdout, stderr]).toEqual([0, 'app app/idle daruma\n', '']);
  });
});
