import type { ServiceSpec } from '../define/spec.ts';
import type { Clock } from './clock.ts';
import type { TreeNode } from './node.ts';

/** What a body that nobody waits for on a stop may take to clean up after it ended by itself. */
export function cleanupLimitMs(stopWithinMs: ServiceSpec['stopWithinMs']): number {
  return stopWithinMs === 'brutal' ? 0 : stopWithinMs;
}

/** The same from now on, within what its superior has left; also for those whom it spawned. */
export function limitEnd(node: TreeNode, { stopWithinMs }: ServiceSpec, clock: Clock): number {
  const deadline = node.superior?.deadline ?? Number.POSITIVE_INFINITY;
  const now = clock.monotonic();
  const limitMs = Math.max(0, Math.min(cleanupLimitMs(stopWithinMs), deadline - now));
  node.endsBy = now + limitMs;
  return limitMs;
}
