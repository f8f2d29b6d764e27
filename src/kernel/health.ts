import { isWorse } from '../../actors/rules/hysteresis.ts';
import type { HealthStatus } from '../events.ts';
import type { Kernel } from './kernel.ts';
import type { Opinion, TreeNode } from './node.ts';

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
  noteHealth(kernel, node, '', { status, reason });
}

/** What somebody says of it: itself, under '', or one of its checks. */
export function noteHealth(kernel: Kernel, node: TreeNode, who: string, opinion: Opinion): void {
  const before = node.health?.get(who) ?? { status: 'healthy', reason: undefined };
  if (before.status === opinion.status && before.reason === opinion.reason) return;
  node.health ??= new Map();
  node.health.set(who, opinion);
  const { status, reason } = opinion;
  kernel.journal.record(node, {
    type: 'health',
    status,
    ...(reason !== undefined && { reason }),
    ...(who !== '' && { check: who }),
  });
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
      return worstOpinion(node);
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

function worstOpinion({ health }: TreeNode): Omit<HealthReason, 'path'> | undefined {
  let worst: Omit<HealthReason, 'path'> | undefined;
  for (const [who, { status, reason }] of health ?? []) {
    if (status === 'healthy' || (worst && !isWorse(status, worst.status))) continue;
    const says = who === '' ? (reason ?? 'says so itself') : `${who}: ${reason ?? 'says no'}`;
    worst = { status, reason: says };
  }
  return worst;
}

function worse(a: HealthStatus, b: HealthStatus): HealthStatus {
  return isWorse(b, a) ? b : a;
}
