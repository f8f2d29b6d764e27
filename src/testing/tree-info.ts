import type { ItemSpec, NeedSpec, SupervisorSpec } from '../define/spec.ts';
import type { SystemLimits } from './system-limits.ts';
import { digestOf } from './trace.ts';

/** What an invariant or a generator knows of one place of a tree. */
export interface ItemInfo {
  readonly path: string;
  readonly spec: ItemSpec;
  readonly parent: ItemInfo | undefined;
  /** Position among its siblings, in start order. */
  readonly index: number;
}

/** A tree as data: what its definition says, by path. */
export class TreeInfo {
  readonly root: SupervisorSpec;
  /** Known in simulations only. */
  readonly limits: SystemLimits | undefined;
  readonly items: ReadonlyMap<string, ItemInfo>;
  #digest: string | undefined;

  constructor(root: SupervisorSpec, limits?: SystemLimits) {
    this.limits = limits;
    const items = new Map<string, ItemInfo>();
    collect(items, root, root.name, undefined, 0);
    this.root = root;
    this.items = items;
  }

  get digest(): string {
    this.#digest ??= digestOf(JSON.stringify([...this.items.values()].map(summary)));
    return this.#digest;
  }

  get(path: string): ItemInfo | undefined {
    return this.items.get(path);
  }

  /** The nearest definition: for dynamic children that of the template of their supervisor. */
  specAt(path: string): ItemSpec | undefined {
    const known = this.items.get(path);
    if (known) return known.spec;
    const end = path.lastIndexOf('/');
    if (end === -1) return undefined;
    const parent = this.specAt(path.slice(0, end));
    if (parent?.kind !== 'supervisor') return undefined;
    const id = path.slice(end + 1);
    return parent.template ?? parent.children.find((child) => child.name === id);
  }

  services(): ItemInfo[] {
    return [...this.items.values()].filter(({ spec }) => spec.kind === 'service');
  }

  supervisors(): ItemInfo[] {
    return [...this.items.values()].filter(({ spec }) => spec.kind === 'supervisor');
  }

  /** What a place needs; optional needs left out. */
  needsOf(path: string): readonly NeedSpec[] {
    const spec = this.specAt(path);
    return spec?.kind === 'service' ? spec.needs.filter((need) => !need.optional) : [];
  }

  /** The paths above a place, the nearest first. */
  above(path: string): string[] {
    const above: string[] = [];
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      above.push(path.slice(0, end));
    }
    return above;
  }
}

function collect(
  items: Map<string, ItemInfo>,
  spec: ItemSpec,
  path: string,
  parent: ItemInfo | undefined,
  index: number,
): void {
  const info = { path, spec, parent, index };
  items.set(path, info);
  if (spec.kind === 'service') return;
  for (const [position, child] of spec.children.entries()) {
    collect(items, child, `${path}/${child.name}`, info, position);
  }
}

function summary({ path, spec }: ItemInfo): unknown {
  const { kind, restart } = spec;
  return spec.kind === 'supervisor'
    ? { path, kind, restart, strategy: spec.strategy, order: spec.order }
    : { path, kind, restart, needs: spec.needs.map((need) => need.path) };
}
