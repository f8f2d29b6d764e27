import type { BackoffPolicy } from '../../../actors/rules/backoff.ts';
import type { ServiceSpec } from '../../define/spec.ts';
import type { PolicyVariation } from '../plan.ts';
import type { TreeInfo } from '../tree-info.ts';

/** What the default grace period and boot limit leave: no option of a tree says them. */
const systemLimits = [24_000, 25_000, 60_000];

/** Delays of a series that are looked at. */
const delays = 4;

/**
 * The times at which something changes in a tree: every limit, window and delay of its own
 * configuration, with one millisecond less and more. Sorted, each once.
 */
export function boundariesOf(tree: TreeInfo): readonly number[] {
  const times = new Set<number>([0, 1]);
  for (const { spec } of tree.items.values()) {
    add(times, spec.stopWithinMs);
    addBackoff(times, spec.backoff);
    if (spec.kind === 'supervisor') {
      add(times, spec.periodMs);
    } else {
      add(times, spec.startWithinMs);
      add(times, spec.watchdogMs);
      for (const ms of limitsOf(spec)) add(times, ms);
    }
  }
  for (const ms of systemLimits) add(times, ms);
  return [...times].sort((a, b) => a - b);
}

/** The limits and periods that a battery names in its policy. */
function limitsOf({ body }: ServiceSpec): number[] {
  const policy = body.kind === 'hooks' ? (body.battery?.policy ?? {}) : {};
  return [policy, policy.timing ?? {}, policy.rules ?? {}].flatMap((values) =>
    Object.entries(values).flatMap(([name, value]) => (name.endsWith('Ms') ? [Number(value)] : [])),
  );
}

/** Those of one place, and of what stands above it: they are what a fault of it is about. */
export function boundariesAt(tree: TreeInfo, path: string): readonly number[] {
  const times = new Set<number>();
  const spec = tree.specAt(path);
  if (!spec) return [];
  addBackoff(times, spec.backoff);
  add(times, spec.stopWithinMs);
  if (spec.kind === 'service') {
    add(times, spec.startWithinMs);
    add(times, spec.watchdogMs);
    for (const ms of limitsOf(spec)) add(times, ms);
  }
  for (const above of tree.above(path)) {
    const supervisor = tree.specAt(above);
    if (supervisor?.kind !== 'supervisor') continue;
    add(times, supervisor.periodMs);
    add(times, supervisor.stopWithinMs);
  }
  return [...times].sort((a, b) => a - b);
}

/** Those that a variation of the policies brings to a tree, which has them already. */
export function boundariesOfPolicies(
  tree: TreeInfo,
  policies: Readonly<Record<string, PolicyVariation>>,
): readonly number[] {
  const times = new Set<number>([0, 1]);
  for (const [path, { periodMs, backoff, stopWithinMs }] of Object.entries(policies)) {
    for (const ms of [periodMs, stopWithinMs]) add(times, ms);
    const spec = tree.get(path)?.spec;
    if (spec && backoff) addBackoff(times, spec.backoff);
  }
  return [...times].sort((a, b) => a - b);
}

function addBackoff(times: Set<number>, policy: BackoffPolicy): void {
  const { firstMs, maxMs, factor, resetAfterMs } = policy;
  add(times, maxMs);
  add(times, resetAfterMs);
  for (let nth = 0; nth < delays; nth++) add(times, Math.min(maxMs, firstMs * factor ** nth));
}

function add(times: Set<number>, ms: number | 'brutal' | undefined): void {
  if (typeof ms !== 'number' || !Number.isFinite(ms)) return;
  for (const near of [ms - 1, ms, ms + 1]) if (near >= 0) times.add(Math.round(near));
}
