import type { BackoffPolicy } from '../../../actors/rules/backoff.ts';
import type { BodyPlan, GroupPlan, ItemPlan, Plan, ServicePlan } from './plan.ts';

/** An item of a plan with its place in the tree. */
export interface Placed {
  readonly plan: ItemPlan;
  readonly path: string;
  readonly parent: Placed | undefined;
  /** Its place among its siblings. */
  readonly index: number;
}

/** What a plan says of each path, also of the children that calls add. */
export class Shape {
  readonly plan: Plan;
  readonly #places = new Map<string, Placed>();

  constructor(plan: Plan) {
    this.plan = plan;
    this.#place(plan.root, undefined, 0);
  }

  /** Also of the copies of a template, of spares, and of what a body spawns. */
  at(path: string): Placed | undefined {
    const known = this.#places.get(path);
    if (known) return known;
    const end = path.lastIndexOf('/');
    const parent = end < 0 ? undefined : this.at(path.slice(0, end));
    const plan = parent && this.#planBelow(parent.plan, path.slice(end + 1));
    if (!plan) return undefined;
    const placed = { plan, path, parent, index: this.#indexOf(parent.plan, plan) };
    this.#places.set(path, placed);
    return placed;
  }

  service(path: string): ServicePlan | undefined {
    const plan = this.at(path)?.plan;
    return plan?.kind === 'service' ? plan : undefined;
  }

  group(path: string): GroupPlan | undefined {
    const plan = this.at(path)?.plan;
    return plan?.kind === 'group' ? plan : undefined;
  }

  #planBelow(above: ItemPlan, id: string): ItemPlan | undefined {
    if (above.kind === 'service') {
      const body: BodyPlan = (id === 'w' && above.spawns) || { form: 'function' };
      return { kind: 'service', id, restart: 'transient', ...body };
    }
    if (above.strategy === 'dynamic') return above.items[0];
    return [...above.items, ...(this.plan.spares ?? [])].find((item) => item.id === id);
  }

  /** Added children come after those of the definition; among themselves as they were added. */
  #indexOf(above: ItemPlan, plan: ItemPlan): number {
    if (above.kind === 'service') return 0;
    const index = above.items.indexOf(plan);
    return index < 0 ? above.items.length : index;
  }

  #place(plan: ItemPlan, parent: Placed | undefined, index: number): void {
    const path = parent ? `${parent.path}/${plan.id}` : plan.id;
    const placed = { plan, path, parent, index };
    this.#places.set(path, placed);
    if (plan.kind === 'service' || plan.strategy === 'dynamic') return;
    for (const [at, item] of plan.items.entries()) this.#place(item, placed, at);
  }
}

export function parentOf(path: string): string | undefined {
  const end = path.lastIndexOf('/');
  return end < 0 ? undefined : path.slice(0, end);
}

export function isBelow(path: string, above: string): boolean {
  return path.startsWith(`${above}/`);
}

/** `app/g/s` -> `app/g`, `app`. */
export function pathsAbove(path: string): string[] {
  const above: string[] = [];
  for (let up = parentOf(path); up !== undefined; up = parentOf(up)) above.push(up);
  return above;
}

export function isSequential(group: GroupPlan): boolean {
  return group.strategy !== 'dynamic' && (group.start ?? 'sequential') === 'sequential';
}

/** The defaults of the docs, spelled out again on purpose. */
export function backoffOf({ backoff = {} }: ItemPlan): BackoffPolicy {
  return {
    firstMs: backoff.first ?? 100,
    maxMs: backoff.max ?? 30_000,
    factor: backoff.factor ?? 2,
    jitter: backoff.jitter ?? 'full',
    resetAfterMs: backoff.resetAfter ?? 60_000,
  };
}

/** Milliseconds; Infinity for no limit, 0 for brutal. */
export function stopWithinOf(item: ItemPlan): number {
  const { stopWithin } = item;
  if (stopWithin === 'brutal') return 0;
  if (stopWithin === undefined) return item.kind === 'group' ? Number.POSITIVE_INFINITY : 5_000;
  return stopWithin === 'infinity' ? Number.POSITIVE_INFINITY : stopWithin;
}
