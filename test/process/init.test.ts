import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { daruma, folderWith, linesOf, patienceMs, Run } from './daruma.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const modules = join(repository, 'node_modules');

/** Puts the built package, and what it asks its users to bring, where npm would. */
function installInto(folder: string): void {
  const target = join(folder, 'node_modules', 'daruma');
  mkdirSync(target, { recursive: true });
  const tsc = join(modules, '.bin', 'tsc');
  const args = ['-p', 'tsconfig.build.json', '--outDir', join(target, 'dist')];
  spawnSync(process.execPath, [tsc, ...args], { cwd: repository });
  cpSync(join(repository, 'package.json'), join(target, 'package.json'));
  cpSync(join(repository, 'bin'), join(target, 'bin'), { recursive: true });
  const { dependencies } = manifestOf(target);
  const brought = ['rxjs', 'xstate', 'typescript', ...Object.keys(dependencies)];
  for (const name of [...brought, '@types/node']) link(folder, name);
}

function link(folder: string, name: string): void {
  const path = join(folder, 'node_modules', name);
  mkdirSync(join(path, '..'), { recursive: true });
  symlinkSync(join(modules, name), path);
}

interface PackageJson {
  readonly version: string;
  readonly engines: unknown;
  readonly dependencies: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;
}

describe('daruma init', { timeout: 2 * patienceMs }, () => {
  it('writes a project that type-checks and runs on the built package', async () => {
    const cwd = folderWith({});
    const folder = join(cwd, 'My Shop');
    const { code, stdout } = await daruma(['init', 'My Shop'], { cwd }).exit;
    expect(code).toBe(0);
    expect(linesOf(stdout)).toContain('    npm start');
    installInto(folder);

    const tsc = spawnSync(process.execPath, [join(modules, '.bin', 'tsc'), '-p', folder]);
    expect(String(tsc.stdout)).toBe('');

    const bin = join(folder, 'node_modules', 'daruma', 'bin', 'daruma.js');
    const tree = await new Run([bin, 'tree', 'services.ts'], { cwd: folder }).exit;
    expect(tree).toMatchObject({ code: 0, stderr: '' });
    expect(tree.stdout).toContain('└─ report');

    const run = new Run([bin, 'run', 'services.ts', '--no-json', '--seed', '1'], { cwd: folder });
    await run.sees('order 1 has come in');
    run.signal('SIGTERM');
    expect(await run.exit).toMatchObject({ code: 0, stderr: '' });
  });

  it('names what the project needs as it is known to work', async () => {
    const cwd = folderWith({});
    await daruma(['init', 'shop'], { cwd }).exit;

    const own = manifestOf(repository);
    expect(manifestOf(join(cwd, 'shop'))).toMatchObject({
      name: 'shop',
      type: 'module',
      scripts: { start: 'daruma run services.ts', tree: 'daruma tree services.ts' },
      engines: own.engines,
      dependencies: {
        daruma: `^${own.version}`,
        xstate: expect.any(String),
        rxjs: expect.any(String),
      },
    });
  });

  it('writes over nothing', async () => {
    const cwd = folderWith({ 'tsconfig.json': '{}' });
    const { code, stdout, stderr } = await daruma(['init'], { cwd }).exit;

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(linesOf(stderr)[0]).toBe('✖ tsconfig.json is there already; nothing was written.');
    expect(() => readFileSync(join(cwd, 'package.json'))).toThrow('ENOENT');
  });
});
