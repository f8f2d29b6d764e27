import { deepestFirst } from '../../actors/rules/dependencies.ts';
import {
  type BudgetGroup,
  type BudgetItem,
  worstCaseMs,
} from '../../actors/rules/shutdown-budget.ts';
import type { ItemSpec, SupervisorSpec } from './spec.ts';

/**
 * The longest that a stop of this supervisor can take, in milliseconds: conformance rule 21.
 * Infinity when something in it has no limit.
 *
 * @param path where it is, when it is not the root
 */
export function worstCaseStopMs(spec: SupervisorSpec, path: string = spec.name): number {
  return worstCaseMs(groupOf(spec, path, stopLimitMs));
}

/**
 * The longest that its first start can take, in milliseconds: sequential the sum of `startWithin`,
 * parallel the longest chain of needs, dynamic nothing.
 */
export function worstCaseStartMs(spec: SupervisorSpec, path: string = spec.name): number {
  return worstCaseMs(groupOf(startable(spec), path, startLimitMs));
}

export type LimitOf = (spec: ItemSpec) => number;

export const stopLimitMs: LimitOf = ({ stopWithinMs }) =>
  stopWithinMs === 'brutal' ? 0 : stopWithinMs;

const startLimitMs: LimitOf = (spec) =>
  spec.kind === 'service' ? spec.startWithinMs : Number.POSITIVE_INFINITY;

/** Copies of a template start when they are called for. */
function startable(spec: SupervisorSpec): SupervisorSpec {
  const children = spec.children.map((child) =>
    child.kind === 'supervisor' ? startable(child) : child,
  );
  return { ...spec, children, template: undefined };
}

/** @param limitInside which limits count inside a supervisor. @default the same */
export function groupOf(
  spec: SupervisorSpec,
  path: string,
  limitOf: LimitOf,
  limitInside: (spec: SupervisorSpec) => LimitOf = () => limitOf,
): BudgetGroup {
  const isDynamic = spec.strategy === 'dynamic';
  const children = isDynamic && spec.template ? [spec.template] : spec.children;
  const items = children.map((item): BudgetItem => {
    const isGroup = item.kind === 'supervisor';
    return {
      id: item.name,
      limitMs: limitOf(item),
      needs: siblingNeeds(item, `${path}/`, item.name),
      ...(isGroup && { inside: groupOf(item, `${path}/${item.name}`, limitInside(item)) }),
    };
  });
  return { order: isDynamic ? 'dynamic' : spec.order, items: needsFirst(items) };
}

/** A chain is measured from its end: one as long as a population must not be walked by recursion. */
function needsFirst(items: readonly BudgetItem[]): readonly BudgetItem[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  return deepestFirst(items, ({ needs }) =>
    needs.flatMap((id) => {
      const need = byId.get(id);
      return need ? [need] : [];
    }),
  );
}

/** The names of the siblings that this item, or something inside it, needs. */
function siblingNeeds(spec: ItemSpec, prefix: string, self: string): readonly string[] {
  const names = new Set<string>();
  const items: ItemSpec[] = [spec];
  for (const item of items) {
    if (item.kind === 'supervisor') {
      items.push(...item.children);
      if (item.template) items.push(item.template);
      continue;
    }
    for (const need of item.needs) {
      if (!need.path.startsWith(prefix)) continue;
      const name = need.path.slice(prefix.length).split('/', 1)[0] as string;
      if (name !== self) names.add(name);
    }
  }
  return [...names];
}
