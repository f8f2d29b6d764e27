import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deepestFirst,
  dependantsOf,
  findCircles,
  type Graph,
} from '../../actors/rules/dependencies.ts';

const graphs: fc.Arbitrary<number[][]> = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc.array(fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { maxLength: 3 }), {
    minLength: size,
    maxLength: size,
  }),
);

/** The plain textbook search, to compare with. */
function hasCircle(next: Graph): boolean {
  const state = new Map<number, 'open' | 'done'>();
  const visit = (node: number): boolean => {
    if (state.get(node) === 'done') return false;
    if (state.get(node) === 'open') return true;
    state.set(node, 'open');
    const found = (next[node] ?? []).some(visit);
    state.set(node, 'done');
    return found;
  };
  return next.some((_, node) => visit(node));
}

const edgesOf = (circle: readonly number[]) =>
  circle.map((from, index) => `${from}>${circle[(index + 1) % circle.length]}`);

describe('findCircles', () => {
  it('finds a circle if and only if there is one', () => {
    fc.assert(
      fc.property(graphs, (next) => {
        expect(findCircles(next).length > 0).toBe(hasCircle(next));
      }),
      { numRuns: 500 },
    );
  });

  it('finds only circles, each node once', () => {
    fc.assert(
      fc.property(graphs, (next) => {
        for (const circle of findCircles(next)) {
          expect(new Set(circle).size).toBe(circle.length);
          for (const [index, from] of circle.entries()) {
            expect(next[from]).toContain(circle[(index + 1) % circle.length]);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('finds circles without common edges, and leaves none when they are cut', () => {
    fc.assert(
      fc.property(graphs, (next) => {
        const edges = findCircles(next).flatMap(edgesOf);
        expect(new Set(edges).size).toBe(edges.length);
        const rest = next.map((targets, from) =>
          targets.filter((to) => !edges.includes(`${from}>${to}`)),
        );
        expect(hasCircle(rest)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('ends also when nothing may be cut', () => {
    expect(findCircles([[1], [0, 2], [1]], () => false)).toEqual([[0, 1]]);
  });

  it('finds a node that leads to itself, and nothing in an empty graph', () => {
    expect(findCircles([[0]])).toEqual([[0]]);
    expect(findCircles([])).toEqual([]);
  });

  it('finds a circle through 100,000 nodes', () => {
    const size = 100_000;
    const ring = Array.from({ length: size }, (_, node) => [(node + 1) % size]);

    expect(findCircles(ring)[0]).toHaveLength(size);
  });
});

describe('dependantsOf', () => {
  it('has everything that depends on it, and nothing else', () => {
    fc.assert(
      fc.property(graphs, (next) => {
        const reached = new Set<number>([0]);
        for (const node of reached) for (const to of next[node] ?? []) reached.add(to);
        reached.delete(0);

        const found = dependantsOf(0, (node) => next[node] ?? []);
        expect(found.toSorted()).toEqual([...reached].toSorted());
      }),
    );
  });

  it('puts each before all that it depends on', () => {
    fc.assert(
      fc.property(graphs, (next) => {
        fc.pre(!hasCircle(next));
        const order = dependantsOf(0, (node) => next[node] ?? []);
        for (const [index, node] of order.entries()) {
          for (const to of next[node] ?? []) expect(order.indexOf(to)).toBeLessThan(index);
        }
      }),
    );
  });

  it('stops the middle of a diamond before its base', () => {
    const dependants: Record<string, string[]> = { db: ['api', 'cache'], cache: ['api'], api: [] };

    expect(dependantsOf('db', (name) => dependants[name] ?? [])).toEqual(['api', 'cache']);
  });

  it('goes down a chain of 100,000', () => {
    const order = deepestFirst([0], (node) => (node < 100_000 ? [node + 1] : []));

    expect(order[0]).toBe(100_000);
    expect(order).toHaveLength(100_001);
  });
});
