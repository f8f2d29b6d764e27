import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTree } from '../../src/define/compile.ts';
import type { AnyDefinition, AnySupervisor } from '../../src/define/definition.ts';
import { service } from '../../src/define/service.ts';
import type { ItemSpec } from '../../src/define/spec.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import { DefinitionError } from '../../src/errors.ts';
import { idle } from './faults-of.ts';

/** A tree without names: numbers are services, with what they need by number. */
type Shape = readonly number[] | { readonly order: Order; readonly children: readonly Shape[] };
type Order = 'sequential' | 'parallel';

const { shape } = fc.letrec<{ shape: Shape; group: Shape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.uniqueArray(fc.nat(9), { maxLength: 2 }),
    tie('group'),
  ),
  group: fc.record({
    order: fc.constantFrom<Order>('sequential', 'parallel'),
    children: fc.array(tie('shape'), { minLength: 1, maxLength: 4 }),
  }),
}));

interface Node {
  readonly path: string;
  readonly order: Order | undefined;
  readonly children: readonly Node[];
  readonly wanted: readonly number[];
}

function place(shape: Shape, path: string): Node {
  if (!('order' in shape)) return { path, order: undefined, children: [], wanted: shape };
  const children = shape.children.map((child, index) => place(child, `${path}/n${index}`));
  return { path, order: shape.order, children, wanted: [] };
}

function everyNode(node: Node): Node[] {
  return [node, ...node.children.flatMap(everyNode)];
}

/** Needs by number become paths, of services or supervisors, not of what the service belongs to. */
function needsOf(node: Node, all: readonly Node[]): string[] {
  return node.wanted
    .map((number) => (all[number % all.length] as Node).path)
    .filter((path) => path !== node.path && !node.path.startsWith(`${path}/`));
}

function define(node: Node, all: readonly Node[]): AnyDefinition {
  const name = node.path.split('/').at(-1) as string;
  if (node.order === undefined) {
    const needs = Object.fromEntries(needsOf(node, all).map((path) => [path, path]));
    return service(name, { needs }, idle);
  }
  const children = node.children.map((child) => define(child, all));
  return supervisor(name, { start: node.order }, children);
}

/** Starts whatever may start until nothing changes: the rules of starting, played. */
function comesUp(root: Node, all: readonly Node[]): boolean {
  const started = new Set<string>();
  const ready = new Set<string>();
  const play = (node: Node): void => {
    started.add(node.path);
    for (const child of node.children) {
      const isReady = needsOf(child, all).every((path) => ready.has(path));
      if (started.has(child.path) || isReady) play(child);
      if (node.order === 'sequential' && !ready.has(child.path)) break;
    }
    if (node.children.every((child) => ready.has(child.path))) ready.add(node.path);
  };
  for (let before = -1; before !== started.size + ready.size; ) {
    before = started.size + ready.size;
    play(root);
  }
  return ready.has(root.path);
}

describe('start order', () => {
  it('has a circle if and only if the tree could never come up', () => {
    let circles = 0;
    fc.assert(
      fc.property(fc.array(shape, { minLength: 1, maxLength: 4 }), (children) => {
        const root = place({ order: 'sequential', children }, 'app');
        const all = everyNode(root);
        const tree = define(root, all) as AnySupervisor;

        const codes = faultCodes(tree);
        if (codes.length > 0) circles++;
        expect(new Set(codes)).toEqual(new Set(codes.length > 0 ? ['DARUMA_NEEDS_CYCLE'] : []));
        expect(codes.length === 0).toBe(comesUp(root, all));
      }),
      { numRuns: 1_000 },
    );
    expect(circles).toBeGreaterThan(50);
  });

  it('is that of the children in the spec', () => {
    const tree = supervisor('app', [service('b', idle), service('a', idle)]);
    const names = (specs: readonly ItemSpec[]) => specs.map(({ name }) => name);

    expect(names(compileTree(tree).root.children)).toEqual(['b', 'a']);
  });
});

function faultCodes(tree: AnySupervisor): string[] {
  try {
    compileTree(tree);
    return [];
  } catch (error) {
    if (error instanceof DefinitionError) return error.faults.map(({ code }) => code);
    throw error;
  }
}
