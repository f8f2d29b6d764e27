import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { freshSchema, postgresUrl } from '../postgres/postgres.ts';
import { folder, freshFile } from '../services/storage/keeper.ts';
import { daruma, patienceMs, Run } from './daruma.ts';

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

describe('daruma run', { timeout: patienceMs }, () => {
  const runsOf = async (args: readonly string[], cwd: string) => {
    const run = daruma(['run', fixture('counting.ts'), '--no-json', ...args], { cwd });
    const { code, stdout } = await run.exit;
    return [code, /run \d+/.exec(stdout)?.[0]];
  };

  it('keeps what services store in a file of the folder that it was started in', async () => {
    const cwd = folder();

    expect(await runsOf([], cwd)).toEqual([0, 'run 1']);
    expect(await runsOf([], cwd)).toEqual([0, 'run 2']);
    expect(existsSync(join(cwd, '.daruma/app.sqlite'))).toBe(true);
  });

  it('--storage keeps it elsewhere', async () => {
    const cwd = folder();
    const args = ['--storage', 'data/other.sqlite'];

    expect(await runsOf(args, cwd)).toEqual([0, 'run 1']);
    expect(await runsOf(args, cwd)).toEqual([0, 'run 2']);
    expect(existsSync(join(cwd, 'data/other.sqlite'))).toBe(true);
    expect(existsSync(join(cwd, '.daruma'))).toBe(false);
  });

  it('--storage keeps it in PostgreSQL', async () => {
    const cwd = folder();
    const args = ['--storage', await postgresUrl()];

    expect(await runsOf(args, cwd)).toEqual([0, 'run 1']);
    expect(await runsOf(args, cwd)).toEqual([0, 'run 2']);
    expect(existsSync(join(cwd, '.daruma'))).toBe(false);
  });

  it('makes no file where nothing is stored', async () => {
    const cwd = folder();
    await daruma(['run', fixture('steady.ts'), '--for', '50ms'], { cwd }).exit;

    expect(existsSync(join(cwd, '.daruma'))).toBe(false);
  });
});

it.each([
  ['file', async () => [freshFile()]],
  ['connection to PostgreSQL', async () => [await postgresUrl(), freshSchema()]],
])(
  'an open %s keeps a process up for its last write, and no longer',
  {
    timeout: patienceMs,
  },
  async (_name, placeOf) => {
    const run = new Run([fixture('left-open.ts'), ...(await placeOf())], {});
    const { code, stdout, stderr } = await run.exit;

    expect([code, stdout, stderr]).toEqual([0, 'stored\n', '']);
  },
);
