import type { TreeInfo } from '../tree-info.ts';

/** Whether a failure below this supervisor takes siblings along. */
export function hasGroups(tree: TreeInfo, path: string): boolean {
  const spec = tree.specAt(path);
  if (spec?.kind !== 'supervisor') return false;
  return spec.strategy === 'one-for-all' || spec.strategy === 'rest-for-one';
}

/** Position among its siblings in start order; those added by calls come last. */
export function positionOf(tree: TreeInfo, path: string): number {
  return tree.get(path)?.index ?? Number.POSITIVE_INFINITY;
}

/** Whether a restart of `culprit` takes `member` along, the culprit itself included. */
export function isTakenAlong(tree: TreeInfo, culprit: string, member: string): boolean {
  if (culprit === member) return true;
  const parent = culprit.slice(0, culprit.lastIndexOf('/'));
  const spec = tree.specAt(parent);
  if (spec?.kind !== 'supervisor') return false;
  if (spec.strategy === 'one-for-all') return true;
  if (spec.strategy !== 'rest-for-one') return false;
  return positionOf(tree, member) >= positionOf(tree, culprit);
}
