import type { TreeNode } from '../../kernel/node.ts';
import type { FinishedRun, ScheduleCounts } from './handle.ts';

/** What a schedule remembers from one incarnation to the next, as long as its process lives. */
export interface Memory {
  /** Every due time up to here was dealt with; undefined before the first start. */
  dealtWith: number | undefined;
  isPaused: boolean;
  runs: number;
  last: FinishedRun | undefined;
  readonly counts: { -readonly [Name in keyof ScheduleCounts]: number };
}

const memories = new WeakMap<TreeNode, Memory>();

export function memoryOf(node: TreeNode): Memory {
  const known = memories.get(node);
  if (known) return known;
  const counts = {
    ...{ started: 0, completed: 0, failed: 0, cancelled: 0 },
    ...{ skipped: 0, missed: 0, elsewhere: 0 },
  };
  const fresh = { dealtWith: undefined, isPaused: false, runs: 0, last: undefined, counts };
  memories.set(node, fresh);
  return fresh;
}
