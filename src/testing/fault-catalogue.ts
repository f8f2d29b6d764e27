import type { FaultKind } from './fault-kind.ts';
import { startFaults } from './faults/start.ts';

const catalogue = new Map<string, FaultKind>();

/** Adds a kind of fault; batteries and users bring theirs. Replaces one of the same name. */
export function defineFault(kind: FaultKind): void {
  catalogue.set(kind.name, kind);
}

/** @throws RangeError for a name that is not in the catalogue */
export function kindOf(name: string): FaultKind {
  const kind = catalogue.get(name);
  if (kind) return kind;
  throw new RangeError(`There is no fault '${name}'. Known: ${[...catalogue.keys()].join(', ')}.`);
}

export function allFaults(): FaultKind[] {
  return [...catalogue.values()];
}

for (const kind of startFaults) defineFault(kind);
