import { describe, expect, it } from 'vitest';
import { compileTree } from '../../src/define/compile.ts';
import type { AnySupervisor } from '../../src/define/definition.ts';
import { service } from '../../src/define/service.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import { errorOf, idle } from './faults-of.ts';

const size = 5_000;
/** Of the processor, whatever else the machine does. Ample: it takes about a tenth of it. */
const limitMs = 1_000;
const cpuMs = () => process.threadCpuUsage().user / 1_000;

function population(needOf: (index: number) => number | undefined) {
  return Array.from({ length: size }, (_, index) => {
    const need = needOf(index);
    return service(
      `s${index}`,
      { needs: need === undefined ? {} : { need: `app/s${need}` } },
      idle,
    );
  });
}

function timed(tree: AnySupervisor): number {
  const begin = cpuMs();
  compileTree(tree);
  return cpuMs() - begin;
}

describe(`a tree of ${size} services compiles in well under a second`, () => {
  it.each([
    ['in order', supervisor('app', population((i) => i - 1 || undefined).slice(1))],
    [
      'in parallel, in a chain',
      supervisor(
        'app',
        { start: 'parallel' },
        population((i) => (i + 1 < size ? i + 1 : undefined)),
      ),
    ],
    [
      'in parallel, around one',
      supervisor(
        'app',
        { start: 'parallel' },
        population((i) => (i === 0 ? undefined : 0)),
      ),
    ],
  ])('%s', (_name, tree) => {
    expect(timed(tree)).toBeLessThan(limitMs);
  });

  it('with a circle through all of them', () => {
    const tree = supervisor(
      'app',
      { start: 'parallel' },
      population((i) => (i + 1) % size),
    );
    const begin = cpuMs();

    expect(errorOf(() => compileTree(tree)).faults[0]?.paths).toHaveLength(size);
    expect(cpuMs() - begin).toBeLessThan(limitMs);
  });

  it('with a circle in every pair', () => {
    const tree = supervisor(
      'app',
      { start: 'parallel' },
      population((i) => i ^ 1),
    );
    const begin = cpuMs();

    expect(errorOf(() => compileTree(tree)).faults).toHaveLength(size / 2);
    expect(cpuMs() - begin).toBeLessThan(limitMs);
  });
});
