import type { SupervisorSpec } from '../../define/spec.ts';
import type { TreeInfo } from '../tree-info.ts';
import type { Grounds } from './swarm.ts';

/** Who has to do with a place, as far as they may be struck. */
export interface Circle {
  /** In the same supervisor. */
  readonly siblings: readonly string[];
  /** What it needs, directly or through others. */
  readonly needs: readonly string[];
  /** Who needs it, directly. */
  readonly dependants: readonly string[];
  /** Its supervisor restarts several at once. */
  readonly isGroup: boolean;
}

export function circleOf({ tree, targets }: Grounds, path: string): Circle {
  const parent = path.slice(0, path.lastIndexOf('/'));
  const spec = tree.specAt(parent);
  const needs = allNeedsOf(tree, path);
  const others = targets.filter((each) => each !== path);
  return {
    siblings: others.filter((each) => each.slice(0, each.lastIndexOf('/')) === parent),
    needs: others.filter((each) => needs.has(each)),
    dependants: others.filter((each) => needsOf(tree, each).includes(path)),
    isGroup: spec?.kind === 'supervisor' && isGroup(spec),
  };
}

/** Those that have to do with a place: what is beside and below its siblings, its needs, who needs it. */
export function nearTo({ tree, targets }: Grounds, path: string): readonly string[] {
  const above = path.slice(0, path.lastIndexOf('/') + 1);
  const needs = needsOf(tree, path);
  return targets.filter(
    (each) =>
      each !== path &&
      (each.startsWith(above) || needs.includes(each) || needsOf(tree, each).includes(path)),
  );
}

/** The services of each supervisor that restarts several at once, as far as they may be struck. */
export function groupsOf({ tree, targets }: Grounds): readonly (readonly string[])[] {
  return tree.supervisors().flatMap(({ path, spec }) => {
    if (spec.kind !== 'supervisor' || !isGroup(spec)) return [];
    const members = itemsOf(spec, path);
    const struck = members.filter((each) => targets.includes(each));
    return struck.length > 1 ? [struck] : [];
  });
}

/**
 * Of supervisors that restart what comes after a culprit: two that may be struck, with others between
 * them. The last needs none of the others.
 */
export function endsOfRows({ tree, targets }: Grounds): readonly (readonly [string, string])[] {
  return tree.supervisors().flatMap(({ path, spec }) => {
    if (spec.kind !== 'supervisor' || spec.strategy !== 'rest-for-one') return [];
    const members = itemsOf(spec, path);
    return members.flatMap((last, index) => {
      const before = members.slice(0, index);
      const needs = allNeedsOf(tree, last);
      if (!targets.includes(last) || before.some((each) => needs.has(each))) return [];
      const first = before.slice(0, -1).filter((each) => targets.includes(each));
      return first.map((each) => [each, last] as const);
    });
  });
}

/** Supervisors that start one after the other, with the paths of their items in order. */
export function rowsOf({
  tree,
}: Grounds): readonly { readonly path: string; readonly items: string[] }[] {
  return tree.supervisors().flatMap(({ path, spec }) => {
    if (spec.kind !== 'supervisor' || spec.order !== 'sequential') return [];
    const items = itemsOf(spec, path);
    return items.length > 1 ? [{ path, items }] : [];
  });
}

/** What decides about a place; undefined for the root and for children that come and go. */
export function supervisorOf({ tree }: Grounds, path: string): SupervisorSpec | undefined {
  const parent = tree.get(path)?.parent?.spec;
  return parent?.kind === 'supervisor' ? parent : undefined;
}

/** Each service that has several needs, with those that may be struck. */
export function severalNeeds({ tree, targets }: Grounds): readonly (readonly [string, string[]])[] {
  return targets.flatMap((path) => {
    const needs = needsOf(tree, path).filter((need) => targets.includes(need));
    return needs.length > 1 ? [[path, needs] as const] : [];
  });
}

/** Whether the one can do without the other. */
export function isOptional({ tree }: Grounds, dependant: string, need: string): boolean {
  const spec = tree.specAt(dependant);
  return spec?.kind === 'service' && spec.needs.some((each) => each.path === need && each.optional);
}

/** Ways from a need to who needs it, to who needs that and so on, each of two places or more. */
export function pathsOfNeeds({ tree, targets }: Grounds, most: number): readonly string[][] {
  const all: string[][] = targets.map((path) => [path]);
  for (const way of all) {
    if (way.length === most) continue;
    for (const each of targets) {
      if (!way.includes(each) && needsOf(tree, each).includes(way.at(-1) ?? ''))
        all.push([...way, each]);
    }
  }
  return all.filter(({ length }) => length > 1);
}

/** Work that is done once, and again after a failure in a group that it, or what it is in, belongs to. */
export interface RedoneWork {
  /** Those of the group whose failure undoes it. */
  readonly culprits: readonly string[];
  /** Those who rely on it and are not of the group. */
  readonly dependants: readonly string[];
}

/** As far as they may be struck. */
export function redoneWorkIn({ tree, targets }: Grounds): readonly RedoneWork[] {
  const once = targets.filter((path) => tree.specAt(path)?.restart === 'transient');
  return once.flatMap((work) =>
    [work, ...tree.above(work)].flatMap((unit) => {
      const group = unit.slice(0, unit.lastIndexOf('/'));
      const spec = tree.specAt(group);
      if (spec?.kind !== 'supervisor' || !isGroup(spec)) return [];
      const items = itemsOf(spec, group);
      const first = spec.strategy === 'one-for-all' ? items : items.slice(0, items.indexOf(unit));
      const culprits = first.filter((path) => path !== unit && targets.includes(path));
      const dependants = targets.filter(
        (path) => !path.startsWith(`${group}/`) && needsOf(tree, path).includes(work),
      );
      return culprits.length > 0 && dependants.length > 0 ? [{ culprits, dependants }] : [];
    }),
  );
}

/** The paths of what is defined in a supervisor, in their order. */
function itemsOf({ children }: SupervisorSpec, path: string): string[] {
  return children.map(({ name }) => `${path}/${name}`);
}

function isGroup({ strategy }: SupervisorSpec): boolean {
  return strategy === 'one-for-all' || strategy === 'rest-for-one';
}

/** Optional ones included. */
function needsOf(tree: TreeInfo, path: string): readonly string[] {
  const spec = tree.specAt(path);
  return spec?.kind === 'service' ? spec.needs.map((need) => need.path) : [];
}

function allNeedsOf(tree: TreeInfo, path: string): ReadonlySet<string> {
  const all = new Set<string>();
  const open = [path];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const need of needsOf(tree, next)) {
      if (all.has(need)) continue;
      all.add(need);
      open.push(need);
    }
  }
  return all;
}
