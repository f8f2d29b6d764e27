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
    isGroup:
      spec?.kind === 'supervisor' &&
      (spec.strategy === 'one-for-all' || spec.strategy === 'rest-for-one'),
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
