import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Bench } from '../../bench/bench.ts';
import { root } from '../architecture/source.ts';

const names = readdirSync(join(root, 'bench/list')).map((file) => basename(file, '.ts'));

async function bench(...args: readonly string[]) {
  const command = [join(root, 'bench/run.ts'), ...args];
  return await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, command, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

describe('npm run bench', { timeout: 60_000 }, () => {
  it('measures the benches that are named, and says on which machine', async () => {
    const { code, stdout, stderr } = await bench('--quick', 'failure-testing');

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Node v\d+.*; 1 round\n/);
    expect(stdout).toMatch(/\nfailure-testing: /);
    expect(stdout).toMatch(/\nthe first 300 +daruma +[\d.,]+ /);
    expect(stdout).toMatch(/s; before: load [\d.]+.*; after: load [\d.]+/);
    expect(stdout).not.toMatch(/\nbus: /);
  });

  it('names those that there are when one is unknown', async () => {
    const { code, stdout, stderr } = await bench('bsu');

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`Names: ${names.toSorted().join(', ')}.`);
  });

  it.each(names)('finds %s under its own name, with a base among its contenders', async (name) => {
    const { default: found } = (await import(`../../bench/list/${name}.ts`)) as { default: Bench };

    expect(found.name).toBe(name);
    expect(found.contenders).toContain(found.base);
    expect(found.cases.length).toBeGreaterThan(0);
  });

  it.each(names)('runs %s for each contender', async (name) => {
    const { default: found } = (await import(`../../bench/list/${name}.ts`)) as { default: Bench };
    const [first = ''] = found.cases;

    for (const contender of found.contenders) {
      const figures = await found.run({ contender, case: first, isQuick: true });
      expect(Object.keys(figures).filter((figure) => !found.figures.includes(figure))).toEqual([]);
      const values = Object.values(figures).filter((value) => value !== undefined);
      expect(values.every(Number.isFinite)).toBe(true);
    }
  });
});
