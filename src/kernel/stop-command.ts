import type { ServiceEvent } from '../../actors/rules/hands.ts';
import { remainingMs } from '../../actors/rules/shutdown-budget.ts';
import type { TreeNode } from './node.ts';

/**
 * How a child is asked to stop at `at` by a supervisor that has to be down by `deadline`. A
 * supervisor sets its own limit; a brutal child is not asked.
 */
export function stopCommand(node: TreeNode, deadline: number, at: number): ServiceEvent {
  const { spec } = node;
  if (spec.kind === 'supervisor') return { type: 'stop', limitMs: Number.POSITIVE_INFINITY, at };
  if (spec.stopWithinMs === 'brutal') return { type: 'kill', at };
  const limitMs = remainingMs(spec.stopWithinMs, deadline, at);
  node.endsBy = Math.min(node.endsBy, at + limitMs);
  return { type: 'stop', limitMs, at };
}
