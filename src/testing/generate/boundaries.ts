import type { ServiceSpec } from '../../define/spec.ts';
import type { TreeInfo } from '../tree-info.ts';

/** What the default grace period and boot limit leave: no option of a tree says them. */
const systemLimits = [24_000, 25_000, 60_000];

/**
 * The times at which something changes in a tree: every limit, window and delay of its own
 * configuration, with one millisecond less and more. Sorted, each once.
 */
export function boundariesOf(tree: TreeInfo): readonly number[] {
  const times = new Set<number>([0, 1]);
  const add = (ms: number | 'brutal' | undefined) => {
    if (typeof ms !== 'number' || !Number.isFinite(ms)) return;
    for (const near of [ms - 1, ms, ms + 1]) if (near >= 0) times.add(near);
  };
  for (const { spec } of tree.items.values()) {
    add(spec.stopWithinMs);
    add(spec.backoff.firstMs);
    add(spec.backoff.maxMs);
    add(spec.backoff.resetAfterMs);
    if (spec.kind === 'supervisor') {
      add(spec.periodMs);
    } else {
      add(spec.startWithinMs);
      add(spec.watchdogMs);
      for (const ms of limitsOf(spec)) add(ms);
    }
  }
  for (const ms of systemLimits) add(ms);
  return [...times].sort((a, b) => a - b);
}

/** The limits and periods that a battery names in its policy. */
function limitsOf({ body }: ServiceSpec): number[] {
  const policy = body.kind === 'hooks' ? (body.battery?.policy ?? {}) : {};
  return [policy, policy.timing ?? {}].flatMap((values) =>
    Object.entries(values).flatMap(([name, value]) => (name.endsWith('Ms') ? [Number(value)] : [])),
  );
}
