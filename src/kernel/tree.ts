import type { ItemSpec } from '../define/spec.ts';
import { TreeNode } from './node.ts';

/** How many places that are gone are remembered. */
const remembered = 10_000;

/** All places of a running system by path. */
export class Tree {
  readonly #nodes = new Map<string, TreeNode>();
  /** How far incarnations were counted at places that are gone, so that a number is never reused. */
  readonly #counted = new Map<string, number>();

  /** The place for this child: the one there is, or a new one. */
  settle(spec: ItemSpec, id: string, parent: TreeNode | undefined): TreeNode {
    const path = parent ? `${parent.path}/${id}` : id;
    const known = this.#nodes.get(path);
    if (known?.spec === spec) return known;
    const node = new TreeNode(spec, id, parent, known?.incarnation ?? this.#counted.get(path) ?? 0);
    this.#nodes.set(path, node);
    if (parent) {
      parent.children ??= new Map();
      parent.children.set(id, node);
    }
    return node;
  }

  get(path: string): TreeNode | undefined {
    return this.#nodes.get(path);
  }

  /** Forgets a place and everything below it. */
  remove(node: TreeNode): void {
    for (const child of node.children?.values() ?? []) this.remove(child);
    node.isGone = true;
    node.mailbox?.discard();
    // Another may have taken its place already.
    if (this.#nodes.get(node.path) === node) this.#nodes.delete(node.path);
    if (node.parent?.children?.get(node.id) === node) node.parent.children.delete(node.id);
    // Ids below a dynamic supervisor are legion and seldom come back.
    if (!node.isInDynamic) this.#count(node);
  }

  #count(node: TreeNode): void {
    this.#counted.set(node.path, node.incarnation);
    if (this.#counted.size <= remembered) return;
    for (const oldest of this.#counted.keys()) {
      this.#counted.delete(oldest);
      return;
    }
  }

  all(): IterableIterator<TreeNode> {
    return this.#nodes.values();
  }
}
