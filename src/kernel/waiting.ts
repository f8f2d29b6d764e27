import type { Kernel } from './kernel.ts';
import type { TreeNode } from './node.ts';

/** Says what the first items of a supervisor wait for: a need, or the item before them. */
export function announceItems(
  kernel: Kernel,
  nodes: Iterable<TreeNode>,
  isSequential: boolean,
): void {
  let before: string | undefined;
  for (const node of nodes) {
    if (node.status === 'waiting') {
      const needs = kernel.dependencies.unmet(node);
      const isNeedToo = needs.some(({ path }) => path === before);
      node.waitingFor =
        before === undefined || isNeedToo ? needs : [{ kind: 'sibling', path: before }, ...needs];
      announceWaiting(kernel, node);
    }
    if (isSequential) before = node.path;
  }
}

export function announceWaiting(kernel: Kernel, node: TreeNode): void {
  node.lastEvent = kernel.journal.record(node, { type: 'waiting', for: node.waitingFor });
}
