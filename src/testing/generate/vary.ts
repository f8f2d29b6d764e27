import type { PolicyVariation } from '../plan.ts';
import type { TreeInfo } from '../tree-info.ts';
import type { Draw } from './draw.ts';

/** In milliseconds. */
const stopLimits = [1, 100, 500, 1_000, 2_000, 10_000] as const;

/** Policies for a few places: mostly for those that are struck, and the supervisors above them. */
export function drawPolicies(
  draw: Draw,
  tree: TreeInfo,
  targets: readonly string[],
): Record<string, PolicyVariation> {
  const policies: Record<string, PolicyVariation> = {};
  const isNear = draw.chance(70);
  const above = new Set(targets.flatMap((path) => tree.above(path)));
  const known = targets.filter((path) => tree.get(path));
  const supervisors = isNear ? [...above] : tree.supervisors().map(({ path }) => path);
  const services = isNear ? known : tree.services().map(({ path }) => path);
  for (const path of draw.some(supervisors, draw.integer(0, Math.min(3, supervisors.length)))) {
    policies[path] = drawBudget(draw);
  }
  const least = isNear ? 1 : 0;
  for (const path of draw.some(services, draw.integer(least, Math.min(3, services.length)))) {
    policies[path] = {
      backoff: drawBackoff(draw),
      ...(draw.chance(30) && { stopWithinMs: draw.one(stopLimits) }),
    };
  }
  return policies;
}

/** The same, and restarts enough everywhere else. */
export function withPatience(
  draw: Draw,
  tree: TreeInfo,
  policies: Readonly<Record<string, PolicyVariation>>,
): Record<string, PolicyVariation> {
  const supervisors = tree.supervisors();
  const resigning = supervisors.filter(
    ({ spec }) => spec.kind === 'supervisor' && spec.whenExhausted === 'give-up',
  );
  // Who gives up alone leaves the rest of the tree as it is.
  const left = resigning.length > 0 && draw.chance(50) ? resigning : [];
  const patient = supervisors
    .filter((each) => !left.includes(each))
    .map(({ path }) => [path, { intensity: 50 }] as const);
  return { ...Object.fromEntries(patient), ...policies };
}

function drawBudget(draw: Draw): PolicyVariation {
  return {
    intensity: draw.one([0, 1, 2, 3, 5, 10]),
    ...(draw.chance(60) && { periodMs: draw.one([1, 100, 1_000, 5_000, 10_000, 60_000]) }),
    ...(draw.chance(30) && { whenExhausted: draw.one(['escalate', 'give-up'] as const) }),
    // Less than what is in it has, mostly.
    ...(draw.chance(30) && { stopWithinMs: draw.one(stopLimits) }),
  };
}

function drawBackoff(draw: Draw): NonNullable<PolicyVariation['backoff']> {
  const firstMs = draw.one([0, 1, 10, 100, 1_000]);
  return {
    firstMs,
    maxMs: Math.max(firstMs, draw.one([0, 10, 150, 1_000, 5_000])),
    resetAfterMs: draw.one([0, 1, 100, 1_000, 10_000]),
    ...(draw.chance(30) && { factor: draw.one([1, 1.5, 3]) }),
    ...(draw.chance(60) && { jitter: draw.one(['none', 'none', 'equal', 'full'] as const) }),
  };
}
