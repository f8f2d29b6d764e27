import type { HealthStatus } from '../events.ts';
import type { Kernel } from './kernel.ts';
import type { TreeNode } from './node.ts';

/** How a place in the tree is doing, everything below it included. */
export interface Health {
  readonly status: HealthStatus;
  /** It and everything below it that is meant to run is ready. */
  readonly ready: boolean;
  /** What keeps it from being healthy or ready, the nearest first. */
  readonly reasons: readonly HealthReason[];
}

export interface HealthReason {
  readonly path: string;
  readonly status: HealthStatus;
  readonly reason: string;
}

/** How many reasons a roll-up names: a population may have thousands. */
const namedReasons = 20;

/** What a service says of itself; holds until it says otherwise or its incarnation ends. */
export function setHealth(
  kernel: Kernel,
  node: TreeNode,
  status: HealthStatus,
  reason: string | undefined,
): void {
  const before = node.health ?? { status: 'healthy', reason: undefined };
  if (before.status === status && before.reason === reason) return;
  node.health = { status, reason };
  kernel.journal.record(node, { type: 'health', status, ...(reason !== undefined && { reason }) });
}

/**
 * Rolls health and readiness up. A service is as healthy as it says; without an incarnation it is
 * `degraded`, and given up or unstopped it is `unhealthy`. A supervisor is as its worst child, but
 * a child that was given up only degrades it: that is what giving up is for. Children that were
 * stopped, were not needed, or have done their work do not count.
 */
export function healthOf(node: TreeNode): Health {
  const reasons: HealthReason[] = [];
  const own = ownHealth(node);
  let status: HealthStatus = own?.status ?? 'healthy';
  let ready = node.status === 'running';
  if (own) reasons.push({ path: node.path, ...own });
  for (const child of node.children?.values() ?? []) {
    if (child.status === 'stopped') continue;
    const below = healthOf(child);
    ready &&= below.ready || child.status === 'failed';
    status = worse(status, child.status === 'failed' ? 'degraded' : below.status);
    if (reasons.length < namedReasons) reasons.push(...below.reasons);
  }
  return { status, ready, reasons: reasons.slice(0, namedReasons) };
}

function ownHealth(node: TreeNode): Omit<HealthReason, 'path'> | undefined {
  switch (node.status) {
    case 'running':
      if (!node.health || node.health.status === 'healthy') return undefined;
      return { status: node.health.status, reason: node.health.reason ?? 'says so itself' };
    case 'stopped':
    case 'absent':
      return undefined;
    case 'failed':
      return { status: 'unhealthy', reason: 'was given up' };
    case 'unstopped':
      return { status: 'unhealthy', reason: 'did not stop within its limit' };
    default:
      return { status: 'degraded', reason: `is ${node.status}` };
  }
}

const order: readonly HealthStatus[] = ['healthy', 'degraded', 'unhealthy'];

function worse(a: HealthStatus, b: HealthStatus): HealthStatus {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}
