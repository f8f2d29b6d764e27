import type { Kernel } from '../../kernel/kernel.ts';
import type { Work } from './attempt.ts';

/** How the calls under the policies of a system go another way than they would. */
export interface Meddling {
  /** What is called in place of a function. undefined: the function itself. */
  bend: ((work: Work<unknown>) => Work<unknown>) | undefined;
}

const meddlings = new WeakMap<Kernel, Meddling>();

/** Where a simulation takes hold of the calls of a system. */
export function meddlingIn(kernel: Kernel): Meddling {
  const known = meddlings.get(kernel);
  if (known) return known;
  const made: Meddling = { bend: undefined };
  meddlings.set(kernel, made);
  return made;
}

let hasAny = false;

/** Policies are values of modules, not places of a tree: whether this process has made any. */
export function arePoliciesMade(): boolean {
  return hasAny;
}

export function notePolicy(): void {
  hasAny = true;
}
