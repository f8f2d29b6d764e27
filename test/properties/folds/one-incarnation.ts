import type { History } from '../harness/history.ts';
import { isBelow, parentOf, pathsAbove } from '../harness/shape.ts';
import {
  abandonedAt,
  type Fold,
  isDoneBy,
  keyOf,
  type LifeRecord,
  livesOf,
  type Pair,
  pairs,
} from './ledger.ts';

/**
 * 1. A new incarnation starts only after the old one, its cleanup and its own children are over, or
 * it was abandoned. Its number is never used again.
 */
export const oneIncarnation: Fold = (history) => {
  const faults: string[] = [];
  /** Bodies that were not over when last looked at. */
  let open: Pair[] = [];
  for (const pair of pairs(history)) {
    const { run, life } = pair;
    const begins = run.entries[0]?.n ?? 0;
    if (!life) faults.push(`${keyOf(run)} runs, and was never started`);
    open = open.filter((other) => !isOver(history, open, other, begins));
    for (const { run: other } of open) {
      if (other.path !== run.path && !isBelow(other.path, run.path)) continue;
      faults.push(`${keyOf(run)} begins at entry ${begins} while ${keyOf(other)} is not over`);
    }
    open.push(pair);
  }
  return [...faults, ...numbers(history)];
};

/** It has ended with its cleanup, or it was abandoned, perhaps with what is above it. */
function isOver(history: History, all: readonly Pair[], { run, life }: Pair, n: number): boolean {
  if (isDoneBy(history, run, n)) return true;
  const isAbandoned = (each: LifeRecord | undefined) => {
    const at = each && abandonedAt(history, each);
    return at !== undefined && at.n < n;
  };
  return (
    isAbandoned(life) ||
    all.some((other) => isBelow(run.path, other.run.path) && isAbandoned(other.life))
  );
}

/** K20: below a dynamic supervisor they are counted from 1 again when an id comes back. */
function numbers(history: History): string[] {
  const faults: string[] = [];
  const known = new Map<string, number>();
  const isPassing = (path: string) =>
    [path, ...pathsAbove(path)].some(
      (each) => history.shape.group(parentOf(each) ?? '')?.strategy === 'dynamic',
    );
  for (const { path, incarnation, starting } of livesOf(history)) {
    const last = known.get(path) ?? 0;
    const isAnew = incarnation === 1 && isPassing(path);
    if (incarnation !== last + 1 && !isAnew) {
      faults.push(`${path}#${incarnation} starts at entry ${starting.n} after #${last}`);
    }
    known.set(path, incarnation);
  }
  return faults;
}
