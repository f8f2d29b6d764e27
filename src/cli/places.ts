import type { ItemSpec, PlacedSpec, SupervisorSpec } from '../define/spec.ts';

/** Everything in a compiled tree, parents before children in start order; a template at `<path>/*`. */
export function places(root: SupervisorSpec): PlacedSpec[] {
  return placesBelow(root.name, root);
}

function placesBelow(path: string, spec: ItemSpec): PlacedSpec[] {
  const below = childrenOf(spec).flatMap((child) => placesBelow(`${path}/${child.name}`, child));
  return [{ path, spec }, ...below];
}

/** The items of a supervisor; of a dynamic one its template. */
export function childrenOf(spec: ItemSpec): readonly ItemSpec[] {
  if (spec.kind === 'service') return [];
  return spec.template ? [spec.template] : spec.children;
}
