import { isWorse } from '../../../actors/rules/hysteresis.ts';
import type { HealthStatus } from '../../events.ts';
import { healthOf } from '../../kernel/health.ts';
import type { TreeNode } from '../../kernel/node.ts';

/** How one place stands. */
export interface Check {
  /** Its path. */
  readonly name: string;
  readonly ok: boolean;
  readonly status: HealthStatus;
  /** Milliseconds since the epoch: its last event. */
  readonly since: number | null;
  readonly detail: string;
}

/** Children of a population that are named although they come and go: those in trouble. */
const namedPassing = 20;

/**
 * Every service that is meant to run: fine while it is ready and not unhealthy. Of children that
 * come and go only some of those in trouble are named, and none of them makes the whole not ready.
 */
export function checksOf(root: TreeNode, excluded: readonly string[]): Check[] {
  const checks: Check[] = [];
  let passing = 0;
  for (const node of root.descendants()) {
    if (node.spec.kind !== 'service' || node.status === 'stopped') continue;
    if (excluded.some((path) => node.path === path || node.path.startsWith(`${path}/`))) continue;
    const check = checkOf(node);
    if (!node.isPassing) checks.push(check);
    else if (!check.ok && passing++ < namedPassing) checks.push({ ...check, ok: true });
  }
  return checks;
}

function checkOf(node: TreeNode): Check {
  const { status, reasons } = healthOf(node);
  // Given up on purpose: degraded, but everything else goes on without it.
  const isReady = node.status === 'running' || node.status === 'failed';
  return {
    name: node.path,
    ok: isReady && (node.status === 'failed' || isWorse('unhealthy', status)),
    status,
    since: node.lastEvent?.time ?? null,
    detail: reasons[0]?.reason ?? node.status,
  };
}
