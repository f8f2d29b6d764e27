import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'daruma-conformance-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...files: string[]) => {
  const program = fileURLToPath(new URL('run.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...files], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, lines: stdout.trimEnd().split('\n'), stderr };
};

const file = (content: string): string => {
  writeFileSync(join(folder, 'file.json'), content);
  return 'file.json';
};

const scenario = (expected: string) => ({
  id: `T-${expected}`,
  tree: { id: 'app', strategy: 'one-for-one' },
  steps: [{ do: 'start', expect: expected }],
});

describe('npm run conformance', () => {
  it('prints a line a scenario and ends with the totals', () => {
    const { status, lines } = run(file(JSON.stringify([scenario('ok'), scenario('ok')])));

    expect(lines).toEqual(['ok    T-ok', 'ok    T-ok', '', '2 passed, 0 failed']);
    expect(status).toBe(0);
  });

  it('exits with 1 when a scenario fails or is none', () => {
    const { status, lines } = run(file(JSON.stringify([scenario('pending'), 7, scenario('ok')])));

    expect(lines).toContain('        observed ok');
    expect(lines).toContain('      the scenario: must be an object, is 7');
    expect(lines.at(-1)).toBe('1 passed, 2 failed');
    expect(status).toBe(1);
  });

  it.each([
    ['a file that is not there', 'none.json', 'none.json cannot be read'],
    ['no JSON', 'file.json', 'file.json cannot be read'],
    ['no array', 'object.json', 'object.json is not an array'],
    ['no file', undefined, 'usage'],
  ])('exits with 2 for %s', (_, path, problem) => {
    writeFileSync(join(folder, 'file.json'), '[{');
    writeFileSync(join(folder, 'object.json'), '{}');
    const { status, stderr } = run(...(path === undefined ? [] : [path]));

    expect(stderr).toContain(problem);
    expect(status).toBe(2);
  });
});
