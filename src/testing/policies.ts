import type { ItemSpec, SupervisorSpec } from '../define/spec.ts';
import type { PolicyVariation } from './plan.ts';

/** The same tree with some of its policies varied. */
export function withPolicies(
  root: SupervisorSpec,
  policies: Readonly<Record<string, PolicyVariation>>,
): SupervisorSpec {
  if (Object.keys(policies).length === 0) return root;
  return varied(root, root.name, policies) as SupervisorSpec;
}

function varied(
  spec: ItemSpec,
  path: string,
  policies: Readonly<Record<string, PolicyVariation>>,
): ItemSpec {
  const { intensity, periodMs, whenExhausted, stopWithinMs, backoff } = policies[path] ?? {};
  const common = {
    ...spec,
    ...(backoff && { backoff: { ...spec.backoff, ...backoff } }),
    ...(stopWithinMs !== undefined && { stopWithinMs }),
  };
  if (common.kind === 'service') return common;
  return {
    ...common,
    ...(intensity !== undefined && { intensity }),
    ...(periodMs !== undefined && { periodMs }),
    ...(whenExhausted !== undefined && { whenExhausted }),
    children: common.children.map((child) => varied(child, `${path}/${child.name}`, policies)),
    template: common.template && varied(common.template, `${path}/*`, policies),
  };
}
