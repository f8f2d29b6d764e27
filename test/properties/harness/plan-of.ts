import type { GroupPlan, ItemPlan, Plan, ServicePlan } from './plan.ts';

/** A plan by hand, whose root is called `app`. */
export function app(
  items: ItemPlan[],
  more: Partial<Plan> = {},
  root: Partial<GroupPlan> = {},
): Plan {
  const plan = { seed: 1, reactions: [], steps: [] };
  return { ...plan, root: { kind: 'group', id: 'app', items, ...root }, ...more };
}

export function service(id: string, plan: Partial<ServicePlan> = {}): ServicePlan {
  return { kind: 'service', id, form: 'manual', ...plan };
}

export function group(id: string, items: ItemPlan[], plan: Partial<GroupPlan> = {}): GroupPlan {
  return { kind: 'group', id, items, ...plan };
}
