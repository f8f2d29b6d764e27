import type { FaultKind } from '../fault-kind.ts';
import type { TreeInfo } from '../tree-info.ts';
import type { Draw } from './draw.ts';
import type { Grounds } from './swarm.ts';

/** What ends an incarnation comes more often: without, nothing is ever restarted. */
export function weightOf({ weights }: Grounds, { name, endsIt, isLasting }: FaultKind): number {
  return (weights[name] ?? 1) * (endsIt ? 3 : 1) * (isLasting ? 0.3 : 1);
}

/** One to three kinds; something has to fail for most of them to matter. */
export function fewKinds(draw: Draw, grounds: Grounds): readonly FaultKind[] {
  const kinds = new Set<FaultKind>();
  for (let left = draw.integer(1, 3); left > 0; left--) {
    kinds.add(draw.weighted(grounds.kinds, (kind) => weightOf(grounds, kind)));
  }
  const ends = grounds.kinds.filter(({ endsIt }) => endsIt);
  const hasEnd = [...kinds].some(({ endsIt }) => endsIt);
  if (!hasEnd && ends.length > 0 && draw.chance(80)) {
    kinds.add(draw.weighted(ends, (kind) => weightOf(grounds, kind)));
  }
  return [...kinds];
}

/** Few at a time, neighbours more often: what belongs together fails together. */
export function drawTargets(draw: Draw, grounds: Grounds): readonly string[] {
  const { targets } = grounds;
  const count = draw.integer(1, draw.chance(50) ? 2 : Math.min(10, targets.length));
  if (count === 1 || !draw.chance(50)) return draw.some(targets, count);
  const [first = ''] = draw.some(targets, 1);
  return draw.some([first, ...nearTo(grounds, first)], Math.max(2, count));
}

/** Those that have to do with a place: its siblings and what is below them, its needs, who needs it. */
export function nearTo({ tree, targets }: Grounds, path: string): readonly string[] {
  const above = path.slice(0, path.lastIndexOf('/') + 1);
  return targets.filter((each) => {
    if (each === path) return false;
    return each.startsWith(above) || isNeeded(tree, path, each) || isNeeded(tree, each, path);
  });
}

function isNeeded(tree: TreeInfo, by: string, path: string): boolean {
  const spec = tree.specAt(by);
  return spec?.kind === 'service' && spec.needs.some((need) => need.path === path);
}
