import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daruma, folderWith, linesOf, patienceMs, Run } from './daruma.ts';
import { installInto, manifestOf, tsc } from './packed.ts';

describe('daruma init', { timeout: 2 * patienceMs }, () => {
  it('writes a project that type-checks and runs on the packed package', async () => {
    const cwd = folderWith({});
    const folder = join(cwd, 'My Shop');
    const { code, stdout } = await daruma(['init', 'My Shop'], { cwd }).exit;
    expect(code).toBe(0);
    expect(linesOf(stdout)).toContain('    npm start');
    installInto(folder);

    const types = spawnSync(process.execPath, [tsc, '-p', folder]);
    expect(String(types.stdout)).toBe('');

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

    const own = manifestOf();
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
