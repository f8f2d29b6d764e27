import type { Duration } from '../../../actors/rules/duration.ts';
import { allFaults, kindOf } from '../fault-catalogue.ts';
import type { FaultKind } from '../fault-kind.ts';
import type { TreeInfo } from '../tree-info.ts';

/** Which faults are tried on a tree. Names are those of the fault catalogue. */
export interface FaultSelection<Path extends string = string> {
  /** @default all that the tree offers something for, without those of storage */
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  /** The places that are struck. @default every service */
  readonly targets?: readonly Path[];
  /** Faults in one run, at most. @default 20 */
  readonly max?: number;
  /**
   * How often a kind is drawn, compared with the others; names those of storage, too.
   *
   * @default 1 each
   */
  readonly weights?: Readonly<Record<string, number>>;
  /** No fault in the last part of a run. @default half of the horizon, in half of the runs */
  readonly healBefore?: Duration;
}

/**
 * The kinds that a selection leaves for a tree.
 *
 * @throws RangeError for a name that is not in the catalogue
 */
export function selectedKinds(tree: TreeInfo, selection: FaultSelection): readonly FaultKind[] {
  const { only, except = [], weights = {} } = selection;
  const usual = ({ name, isByName }: FaultKind) => !isByName || Object.hasOwn(weights, name);
  const named = only?.map(kindOf) ?? allFaults().filter(usual);
  const left = new Set(except.map(kindOf));
  for (const name of Object.keys(weights)) kindOf(name);
  return named.filter(
    (kind) => !left.has(kind) && weights[kind.name] !== 0 && kind.isPossible?.(tree) !== false,
  );
}

/** The places that a selection allows to be struck: services, and the first few dynamic ones. */
export function selectedTargets(tree: TreeInfo, selection: FaultSelection): readonly string[] {
  const { targets } = selection;
  if (targets) {
    const unknown = targets.find((path) => !tree.specAt(path));
    if (unknown === undefined) return targets;
    throw new RangeError(
      `There is no '${unknown}' in the tree. It has: ${[...tree.items.keys()].join(', ')}.`,
    );
  }
  const pools = tree.supervisors().filter(({ spec }) => 'template' in spec && spec.template);
  return [
    ...tree.services().map(({ path }) => path),
    ...pools.flatMap(({ path }) => [`${path}/1`, `${path}/2`, `${path}/3`]),
  ];
}
