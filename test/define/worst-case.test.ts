import { describe, expect, it } from 'vitest';
import type { Duration } from '../../actors/rules/duration.ts';
import { compileTree } from '../../src/define/compile.ts';
import type { AnySupervisor } from '../../src/define/definition.ts';
import { service } from '../../src/define/service.ts';
import type { SupervisorSpec } from '../../src/define/spec.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import { worstCaseStartMs, worstCaseStopMs } from '../../src/define/worst-case.ts';
import { idle } from './faults-of.ts';

const child = (name: string, stopWithin?: Duration | 'brutal' | 'infinity', ...needs: string[]) =>
  service(
    name,
    {
      ...(stopWithin !== undefined && { stopWithin }),
      needs: Object.fromEntries(needs.map((path) => [path, path])),
    },
    idle,
  );
const specOf = (root: AnySupervisor) => compileTree(root).root;
const stopOf = (root: AnySupervisor) => worstCaseStopMs(specOf(root));
const startOf = (root: AnySupervisor) => worstCaseStartMs(specOf(root));

describe('worstCaseStopMs', () => {
  it('adds up sequential items; a nested supervisor counts at most its own limit', () => {
    const root = specOf(
      supervisor('app', [
        child('a'),
        child('b', '2s'),
        child('k', 'brutal'),
        supervisor('s', { stopWithin: '1s' }, [child('w')]),
      ]),
    );

    expect(worstCaseStopMs(root)).toBe(8_000);
    expect(worstCaseStopMs(root.children[3] as SupervisorSpec, 'app/s')).toBe(5_000);
  });

  it('takes the longest of parallel items', () => {
    expect(stopOf(supervisor('app', { start: 'parallel' }, [child('a'), child('b', '7s')]))).toBe(
      7_000,
    );
  });

  it('takes the longest chain of needs among parallel items, through subtrees too', () => {
    const tree = supervisor('app', { start: 'parallel' }, [
      child('a', '1s', 'app/s/w'),
      supervisor('s', { start: 'parallel' }, [child('w', '2s', 'app/c'), child('v', '3s')]),
      child('c', '4s'),
      child('alone', '6s'),
    ]);

    expect(stopOf(tree)).toBe(8_000);
  });

  it('takes the template of a dynamic supervisor', () => {
    expect(stopOf(supervisor('app', { strategy: 'dynamic', template: child('w', '3s') }))).toBe(
      3_000,
    );
  });

  it('has no limit when something in it has none', () => {
    expect(stopOf(supervisor('app', [child('a', 'infinity'), child('b')]))).toBe(Infinity);
  });

  it('does not lower its own number by its own limit', () => {
    expect(stopOf(supervisor('app', { stopWithin: 1 }, [child('a')]))).toBe(5_000);
  });

  it('measures a chain as long as a population', () => {
    const many = Array.from({ length: 5_000 }, (_, i) =>
      child(`n${i}`, 1, ...(i < 4_999 ? [`app/n${i + 1}`] : [])),
    );

    expect(stopOf(supervisor('app', { start: 'parallel' }, many))).toBe(5_000);
  });
});

describe('worstCaseStartMs', () => {
  const slow = (name: string, startWithin: Duration, ...needs: string[]) =>
    service(name, { startWithin, needs: Object.fromEntries(needs.map((n) => [n, n])) }, idle);

  it('adds up sequential items', () => {
    expect(startOf(supervisor('app', [slow('a', '1s'), supervisor('s', [slow('b', '2s')])]))).toBe(
      3_000,
    );
  });

  it('takes the longest chain of needs of parallel items', () => {
    const tree = supervisor('app', { start: 'parallel' }, [
      slow('a', '1s', 'app/b'),
      slow('b', '2s'),
      slow('c', '2.5s'),
    ]);

    expect(startOf(tree)).toBe(3_000);
  });

  it('counts nothing for a dynamic supervisor, nor a limit of its stop', () => {
    const pool = supervisor('pool', {
      strategy: 'dynamic',
      template: slow('w', '9s'),
      stopWithin: 1,
    });

    expect(startOf(supervisor('app', [pool, slow('a', '1s')]))).toBe(1_000);
  });
});

describe('the warning of a slow stop', () => {
  const warningsOf = (root: AnySupervisor, graceMs?: number) =>
    compileTree(root, graceMs === undefined ? {} : { graceMs }).warnings;

  it('comes when limits that were set exceed what the grace period leaves', () => {
    const tree = supervisor('app', [child('a', '20s'), child('b', '5s')]);

    expect(warningsOf(tree)).toMatchInlineSnapshot(`
      [
        {
          "code": "DARUMA_INVALID_STOP_WITHIN",
          "hint": "Raise grace, lower stopWithin where it was set, or start in parallel. See daruma tree.",
          "message": "stopping may take 25s, longer than the 24s that the grace period leaves.",
          "path": "app",
          "paths": [
            "app",
          ],
        },
      ]
    `);
    expect(warningsOf(tree, 26_000)).toEqual([]);
    expect(warningsOf(tree, Infinity)).toEqual([]);
  });

  it('does not come for defaults, however many', () => {
    const many = Array.from({ length: 20 }, (_, i) => child(`n${i}`));

    expect(warningsOf(supervisor('app', many))).toEqual([]);
    expect(warningsOf(supervisor('app', [...many, child('set', '1s')]))).toEqual([]);
  });

  it('comes for a limit of a supervisor that its children can exhaust', () => {
    const many = Array.from({ length: 20 }, (_, i) => child(`n${i}`));
    const within = (stopWithin: Duration) =>
      warningsOf(supervisor('app', [supervisor('s', { stopWithin }, many)]));

    expect(within('30s')).toHaveLength(1);
    expect(within('20s')).toEqual([]);
  });

  it('comes for a limit that is no limit', () => {
    const [warning] = warningsOf(supervisor('app', [child('a', 'infinity')]));

    expect(warning?.message).toMatchInlineSnapshot(
      `"stopping may take for ever, longer than the 24s that the grace period leaves."`,
    );
  });
});
