import type { NeedSpec, ServiceSpec } from '../define/spec.ts';
import type { WaitingFor } from '../events.ts';
import type { TreeNode } from './node.ts';
import type { Tree } from './tree.ts';

/**
 * Who needs whom in a running tree.
 *
 * 1. A dependant is told that its needs are ready when the last of them is, and that it lost one
 *    when the first of them goes down.
 * 2. Nothing is asked to stop while somebody who depends on it is up: dependants go first, the
 *    furthest of them before the others.
 */
export class Dependencies {
  readonly #tree: Tree;
  readonly #dependants = new Map<string, Set<TreeNode>>();
  /** Stops that wait for dependants to be down. */
  readonly #held = new Map<TreeNode, () => void>();

  /** One-shots that returned normally: they are down, and their values stay good. */
  readonly #finished = new Map<string, unknown>();

  /** Those with `onLoss: 'restart'` that ran on without a need. */
  readonly #outdated = new Set<TreeNode>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** Registers a node's needs and says whether they are ready. */
  enrol(node: TreeNode): boolean {
    const needs = needsOf(node);
    for (const need of needs) {
      const dependants = this.#dependants.get(need.path) ?? new Set();
      this.#dependants.set(need.path, dependants.add(node));
    }
    node.needsReady = this.unmet(node).length === 0;
    return node.needsReady;
  }

  withdraw(node: TreeNode): void {
    for (const need of needsOf(node)) this.#dependants.get(need.path)?.delete(node);
  }

  /** The needs that a node waits for. */
  unmet(node: TreeNode): WaitingFor[] {
    return needsOf(node)
      .filter((need) => !this.#isMet(need))
      .map((need) => ({ kind: 'need', path: need.path }));
  }

  /** Whether a start that is on its way comes too late: something that it requires is not ready. */
  holdsBack(node: TreeNode): boolean {
    const isLate = needsOf(node).some(
      (need) => !need.optional && (!this.#isMet(need) || this.#isUndone(need)),
    );
    if (isLate) this.#hesitate(node);
    return isLate;
  }

  /** What a need made ready; undefined while it is not. */
  valueOf(path: string): unknown {
    const node = this.#tree.get(path);
    return node?.status === 'running' ? node.value : this.#finished.get(path);
  }

  /** A one-shot returned normally: it has done its work. */
  finished(node: TreeNode): void {
    const isDefined =
      node.parent?.spec.kind === 'supervisor' && node.parent.spec.children.includes(node.spec);
    if (isDefined || this.#dependants.has(node.path)) this.#finished.set(node.path, node.value);
  }

  /** It is to start again: what it, or something in it, once did no longer counts and is to be redone. */
  begins(node: TreeNode): void {
    this.#outdated.delete(node);
    for (const path of [...this.#finished.keys()]) {
      if (path !== node.path && !path.startsWith(`${node.path}/`)) continue;
      this.#finished.delete(path);
      for (const dependant of this.#dependants.get(path) ?? []) {
        this.#hesitate(dependant);
        if (goesOnWithout(dependant, path)) this.#outdated.add(dependant);
      }
    }
  }

  /** A node's status is another: tell those who need it what that means for them. */
  changed(node: TreeNode): void {
    this.#releaseHeld(node);
    for (const dependant of this.#dependantsOf(node)) this.#update(dependant);
    if (node.spec.kind === 'supervisor') this.#changedBelow(node);
  }

  /** Nobody waits any more for what waits with its supervisor, once that is called off. */
  #changedBelow(node: TreeNode): void {
    for (const [path, dependants] of this.#dependants) {
      if (!path.startsWith(`${node.path}/`) || this.#tree.get(path)?.isUp) continue;
      for (const dependant of [...dependants]) if (!dependant.isUp) this.#update(dependant);
    }
  }

  #update(dependant: TreeNode): void {
    const { superior, id } = dependant;
    const { onLoss } = dependant.spec as ServiceSpec;
    const unmet = needsOf(dependant).filter((need) => !this.#isMet(need));
    if (unmet.length > 0) {
      this.#hesitate(dependant);
      const hasLostOne = unmet.some((need) => !need.optional && !this.#isEnding(need.path));
      if (!hasLostOne || !dependant.isUp) return;
      if (onLoss === 'restart') this.#outdated.add(dependant);
      if (onLoss === 'suspend') superior?.tell({ type: 'needLost', id, suspend: true });
    } else if (!dependant.needsReady) {
      dependant.needsReady = true;
      if (this.#outdated.delete(dependant)) superior?.tell({ type: 'needLost', id, suspend: true });
      superior?.tell({ type: 'needsReady', id });
    }
  }

  /** What runs goes on, but it is not started again before its needs are ready. */
  #hesitate(dependant: TreeNode): void {
    if (!dependant.needsReady) return;
    dependant.needsReady = false;
    dependant.superior?.tell({ type: 'needLost', id: dependant.id, suspend: false });
  }

  /** Calls `stop` once nobody who depends on the node is up, after asking those who are to go. */
  stopAfterDependants(node: TreeNode, stop: () => void): void {
    const inTheWay = this.#inTheWayOf(node);
    if (inTheWay.length === 0) {
      this.#held.delete(node);
      stop();
      return;
    }
    this.#held.set(node, stop);
    for (const dependant of this.#dependantsOf(node)) {
      if (this.unmet(dependant).length > 0) this.#hesitate(dependant);
    }
    for (const dependant of inTheWay) {
      if (dependant.status === 'stopping') continue;
      dependant.superior?.tell({ type: 'needLost', id: dependant.id, suspend: true });
    }
  }

  /** Takes back a stop that waits for dependants. Says whether there was one. */
  recall(node: TreeNode): boolean {
    return this.#held.delete(node);
  }

  #releaseHeld(changed: TreeNode): void {
    if (!changed.isUp) this.#held.delete(changed);
    for (const [node, stop] of this.#held) {
      if (this.#inTheWayOf(node).length > 0) continue;
      this.#held.delete(node);
      stop();
    }
  }

  #inTheWayOf(node: TreeNode): TreeNode[] {
    return this.#dependantsOf(node).filter((dependant) => {
      if (!dependant.isUp || dependant.isBelow(node)) return false;
      // Who keeps running without its need, or does not require it, leaves first in a shutdown only.
      return goesWith(dependant, node) || dependant.superior?.isHalting;
    });
  }

  #isMet(need: NeedSpec): boolean {
    const node = this.#tree.get(need.path);
    if (need.optional) return !node || hasHadItsTurn(node);
    const isReady = node?.status === 'running' && !this.#held.has(node);
    return isReady || this.#finished.has(need.path);
  }

  /** It has done its work, and a supervisor above it is down to come back with its group. */
  #isUndone(need: NeedSpec): boolean {
    let above = this.#tree.get(need.path)?.parent;
    while (above && (above.isUp || !above.superior?.isTakingAlong(above.id))) above = above.parent;
    return above !== undefined;
  }

  /** It still runs or cleans up, but is on its way down. */
  #isEnding(path: string): boolean {
    const node = this.#tree.get(path);
    return node !== undefined && (node.status === 'stopping' || this.#held.has(node));
  }

  #dependantsOf(node: TreeNode): TreeNode[] {
    const dependants = this.#dependants.get(node.path);
    return dependants ? [...dependants] : [];
  }
}

/** It has come up, or will not for now: nobody has to wait for it who can do without. */
function hasHadItsTurn(node: TreeNode): boolean {
  return node.actor !== undefined && node.status !== 'waiting' && node.status !== 'starting';
}

function needsOf(node: TreeNode): readonly NeedSpec[] {
  return node.spec.kind === 'service' ? node.spec.needs : [];
}

/** Whether a dependant is taken down with this need. */
function goesWith(dependant: TreeNode, need: TreeNode): boolean {
  return (dependant.spec as ServiceSpec).onLoss === 'suspend' && requires(dependant, need.path);
}

/** It runs on while this need is not there, and starts again with what it is then. */
function goesOnWithout(dependant: TreeNode, need: string): boolean {
  const { onLoss } = dependant.spec as ServiceSpec;
  return onLoss === 'restart' && dependant.isUp && requires(dependant, need);
}

function requires(dependant: TreeNode, need: string): boolean {
  return needsOf(dependant).some(({ path, optional }) => path === need && !optional);
}
