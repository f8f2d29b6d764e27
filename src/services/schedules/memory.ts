import type { TreeNode } from '../../kernel/node.ts';
import type { FinishedRun, ScheduleCounts } from './handle.ts';

/** What a schedule remembers from one incarnation to the next, as long as its process lives. */
export interface Memory {
  /** Every due time up to here was dealt with; undefined before the first start. */
  dealtWith: number | undefined;
  isPaused: boolean;
  runs: number;
  last: FinishedRun | undefined;
  lastCompleted: FinishedRun | undefined;
  failuresInARow: number;
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
  const fresh: Memory = {
    dealtWith: undefined,
    isPaused: false,
    runs: 0,
    last: undefined,
    lastCompleted: undefined,
    failuresInARow: 0,
    counts,
  };
  memories.set(node, fresh);
  return fresh;
}

/** A run that was cancelled says nothing about the work. */
export function noteRun(memory: Memory, finished: FinishedRun): void {
  memory.counts[finished.status]++;
  memory.last = finished;
  if (finished.status === 'failed') memory.failuresInARow++;
  if (finished.status !== 'completed') return;
  memory.lastCompleted = finished;
  memory.failuresInARow = 0;
}
