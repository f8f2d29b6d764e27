import { findCircles } from '../../actors/rules/dependencies.ts';
import type { Faults } from './faults.ts';
import type { ItemSpec } from './spec.ts';

/**
 * Looks for circles in needs and start order. Two events for each item, `starts` and `ready`:
 *
 * - it starts before it is ready
 * - a supervisor starts before its children, and is ready after them (but not after dynamic ones)
 * - sequential: each child is ready before the next starts
 * - a need is ready before what needs it starts, optional or not
 */
export function checkStartOrder(root: ItemSpec, path: string, faults: Faults): void {
  const items = listItems(root, path);
  const byPath = new Map(items.map((item) => [item.path, item]));
  const needs: Need[] = [];
  for (const dependant of items) {
    if (dependant.spec.kind !== 'service') continue;
    for (const { path } of dependant.spec.needs) {
      const need = byPath.get(path);
      if (!need) continue;
      const turn = turnBetween(dependant, need);
      if (turn) refuseTurn(faults, dependant, need, turn);
      else needs.push({ dependant, need });
    }
  }
  if (needs.length > 0) refuseCircles(faults, items, needs);
}

interface Item {
  readonly index: number;
  readonly path: string;
  readonly spec: ItemSpec;
  readonly above: Item | undefined;
  readonly depth: number;
  /** Its place among its siblings. */
  readonly turn: number;
}

interface Need {
  readonly dependant: Item;
  readonly need: Item;
}

/** Parents before children, siblings in start order. */
function listItems(root: ItemSpec, path: string): Item[] {
  const items: Item[] = [{ index: 0, path, spec: root, above: undefined, depth: 0, turn: 0 }];
  for (const above of items) {
    if (above.spec.kind === 'service') continue;
    const { children, template } = above.spec;
    for (const [turn, spec] of (template ? [template] : children).entries()) {
      const path = `${above.path}/${spec.name}`;
      items.push({ index: items.length, path, spec, above, depth: above.depth + 1, turn });
    }
  }
  return items;
}

/** Two siblings of a sequential supervisor, in the order of their turns. */
interface Turn {
  readonly supervisor: Item;
  readonly earlier: Item;
  readonly later: Item;
}

/** Why a need cannot be ready before its dependant starts: their branches take turns the other way. */
function turnBetween(dependant: Item, need: Item): Turn | undefined {
  let [earlier, later] = [dependant, need];
  let isPassing = false;
  while (earlier.above !== later.above) {
    if (earlier.depth >= later.depth) {
      isPassing ||= isDynamic(earlier.above);
      earlier = earlier.above as Item;
    } else {
      later = later.above as Item;
    }
  }
  const supervisor = earlier.above;
  if (!supervisor || !isSequential(supervisor.spec) || earlier.turn >= later.turn) return undefined;
  // Nobody waits for the copies of a template.
  return isPassing ? undefined : { supervisor, earlier, later };
}

function isDynamic(item: Item | undefined): boolean {
  return item?.spec.kind === 'supervisor' && item.spec.strategy === 'dynamic';
}

function isSequential(spec: ItemSpec): boolean {
  return spec.kind === 'supervisor' && spec.strategy !== 'dynamic' && spec.order === 'sequential';
}

function refuseTurn(faults: Faults, dependant: Item, need: Item, turn: Turn): void {
  const { supervisor, earlier, later } = turn;
  const circle = `${dependant.path} -> ${need.path} -> ${dependant.path}`;
  const order = `${supervisor.path} starts ${earlier.spec.name} before ${later.spec.name}`;
  faults.add(
    'DARUMA_NEEDS_CYCLE',
    dependant.path,
    `it waits for ${need.path}, which starts after it: ${order}. ${circle}`,
    {
      paths: [dependant.path, need.path],
      hint: `Move ${later.spec.name} before ${earlier.spec.name}, or give ${supervisor.path} start: 'parallel'.`,
    },
  );
}

const starts = (item: Item): number => item.index * 2;
const ready = (item: Item): number => item.index * 2 + 1;

function refuseCircles(faults: Faults, items: readonly Item[], needs: readonly Need[]): void {
  const next: number[][] = Array.from({ length: items.length * 2 }, () => []);
  const edge = (from: number, to: number) => next[from]?.push(to);
  const lastChild = new Map<Item, Item>();
  for (const item of items) {
    edge(starts(item), ready(item));
    if (!item.above) continue;
    edge(starts(item.above), starts(item));
    if (!isDynamic(item.above)) edge(ready(item), ready(item.above));
    const previous = lastChild.get(item.above);
    if (previous && isSequential(item.above.spec)) edge(ready(previous), starts(item));
    lastChild.set(item.above, item);
  }
  const needEdges = new Set<string>();
  for (const { dependant, need } of needs) {
    edge(ready(need), starts(dependant));
    needEdges.add(`${ready(need)} ${starts(dependant)}`);
  }
  const isNeed = (from: number, to: number) => needEdges.has(`${from} ${to}`);
  for (const circle of findCircles(next, isNeed)) refuseCircle(faults, items, circle, isNeed);
}

/** A circle of events runs from need to dependant; people read it from dependant to need. */
function refuseCircle(
  faults: Faults,
  items: readonly Item[],
  events: readonly number[],
  isNeed: (from: number, to: number) => boolean,
): void {
  const itemAt = (event: number) => items[event >> 1] as Item;
  const backwards = events.toReversed();
  const dependants = new Set<Item>();
  const members = new Set<Item>();
  for (const [index, to] of backwards.entries()) {
    const from = backwards[(index + 1) % backwards.length] as number;
    if (!isNeed(from, to)) continue;
    dependants.add(itemAt(to));
    members.add(itemAt(to)).add(itemAt(from));
  }
  const way = backwards.map(itemAt).filter((item, index, all) => item !== all.at(index - 1));
  const start = [...dependants].reduce((a, b) => (a.index < b.index ? a : b));
  const turned = [...way.slice(way.indexOf(start)), ...way.slice(0, way.indexOf(start))];
  faults.add(
    'DARUMA_NEEDS_CYCLE',
    start.path,
    `it waits for itself: ${drawn([...turned, start].map(({ path }) => path))}`,
    {
      paths: turned.filter((item) => members.has(item)).map(({ path }) => path),
      hint: 'Drop one of these needs; what two services share may be a third that both need.',
    },
  );
}

/** A circle through a whole population is not worth reading to the end. */
function drawn(way: readonly string[]): string {
  const shown = way.length > 12 ? [...way.slice(0, 10), '...', way.at(-1)] : way;
  return shown.join(' -> ');
}
