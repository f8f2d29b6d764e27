import { formatDuration } from '../../actors/rules/duration.ts';
import { worstCaseMs } from '../../actors/rules/shutdown-budget.ts';
import type { Building } from './build.ts';
import type { SupervisorSpec } from './spec.ts';
import { groupOf, type LimitOf, stopLimitMs, worstCaseStopMs } from './worst-case.ts';

/** Of the grace period, what the system keeps for flushing its logs and leaving. */
export const reservedMs = 1_000;

/**
 * Warns of a tree that cannot stop within its grace period because of limits that were set on
 * purpose. Defaults are generous: a tree of many services that keep them is no reason to worry.
 */
export function warnOfSlowStop(
  root: SupervisorSpec,
  path: string,
  graceMs: number,
  { faults, explicitStops }: Pick<Building, 'faults' | 'explicitStops'>,
): void {
  if (explicitStops.size === 0) return;
  const budgetMs = Math.max(0, graceMs - reservedMs);
  const explicitLimitMs: LimitOf = (spec) => {
    if (explicitStops.has(spec)) return stopLimitMs(spec);
    return spec.kind === 'service' ? 0 : Number.POSITIVE_INFINITY;
  };
  // A limit that was set on a supervisor counts, whatever its children take to exhaust it.
  const limitInside = (spec: SupervisorSpec) =>
    explicitStops.has(spec) ? stopLimitMs : explicitLimitMs;
  const explicitMs = worstCaseMs(groupOf(root, path, explicitLimitMs, limitInside));
  if (explicitMs <= budgetMs) return;
  const [needed, allowed] = [worstCaseStopMs(root, path), budgetMs].map(formatDuration);
  const message = `stopping may take ${needed}, longer than the ${allowed} that the grace period leaves.`;
  faults.warn('DARUMA_INVALID_STOP_WITHIN', path, message, {
    hint: 'Raise grace, lower stopWithin where it was set, or start in parallel. See daruma tree.',
  });
}
