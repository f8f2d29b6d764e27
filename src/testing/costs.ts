import { defaultService, defaultSupervisor } from '../define/defaults.ts';
import type { AnySupervisor } from '../define/definition.ts';
import type { ItemSpec, SupervisorSpec } from '../define/spec.ts';
import {
  type Availability,
  type AvailabilityOptions,
  measureAvailability,
} from './availability.ts';
import type { TreeInfo } from './tree-info.ts';

/** What one thing costs a tree: how much longer everything would be up without it. */
export interface Cost {
  readonly path: string;
  /** `failures`: as if it never failed. `policy`: as if its policy were the default. */
  readonly of: 'failures' | 'policy';
  /** Milliseconds of the whole time; negative: without it, it would be worse. */
  readonly ms: number;
}

/**
 * What each failing service and each policy of its own costs, by living through the same failures
 * once more without it. The dearest first.
 */
export async function measureCosts(
  root: AnySupervisor,
  tree: TreeInfo,
  baseline: Availability,
  options: AvailabilityOptions,
): Promise<Cost[]> {
  const costs: Cost[] = [];
  const add = async (path: string, of: Cost['of'], changed: Partial<AvailabilityOptions>) => {
    const without = await measureAvailability(root, tree, { ...options, ...changed });
    costs.push({ path, of, ms: baseline.anyDownMs - without.anyDownMs });
  };
  for (const [path, { count }] of baseline.outages) {
    if (count > 0) await add(path, 'failures', { spared: path });
  }
  for (const { path, spec } of tree.items.values()) {
    if (hasOwnPolicy(spec)) {
      await add(path, 'policy', { rewrite: (whole) => withDefaultPolicy(whole, whole.name, path) });
    }
  }
  return costs.sort((a, b) => b.ms - a.ms);
}

/** Whether a place says anything about its restarts that the defaults do not. */
export function hasOwnPolicy(spec: ItemSpec): boolean {
  const usual = usualPolicy(spec);
  return Object.entries(usual).some(
    ([name, value]) => !isSame(spec[name as keyof ItemSpec], value),
  );
}

function usualPolicy(spec: ItemSpec): Partial<ItemSpec> {
  if (spec.kind === 'service') {
    const { restart, backoff, firstStart, decide, onLoss, startWithinMs } = defaultService;
    return { restart, backoff, firstStart, decide, onLoss, startWithinMs };
  }
  const { restart, backoff, strategy, intensity, periodMs, whenExhausted } = defaultSupervisor;
  const common = { restart, backoff, intensity, periodMs, whenExhausted };
  return spec.strategy === 'dynamic' ? common : { ...common, strategy };
}

/** Backoffs are the only values that are objects; they are flat. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

function withDefaultPolicy<Spec extends ItemSpec>(spec: Spec, at: string, path: string): Spec {
  if (at === path) return { ...spec, ...usualPolicy(spec) };
  if (spec.kind === 'service' || !path.startsWith(`${at}/`)) return spec;
  const children = spec.children.map((child) =>
    withDefaultPolicy(child, `${at}/${child.name}`, path),
  );
  return { ...(spec as SupervisorSpec), children } as ItemSpec as Spec;
}
