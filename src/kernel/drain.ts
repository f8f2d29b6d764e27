import { errorInfo } from '../events.ts';
import type { Kernel } from './kernel.ts';
import type { TreeNode } from './node.ts';

/**
 * Asks every ready service that has a `drain` hook to take in no more work, all at once, and calls
 * back when what is in flight is done or the deadline has come. Everything they need still runs.
 *
 * @returns calls it off: nobody waits for it any more
 */
export function drainAll(kernel: Kernel, deadline: number, onOver: () => void): () => void {
  const waits: Promise<void>[] = [];
  for (const node of kernel.tree.all()) {
    const draining = node.status === 'running' ? node.life?.drain() : undefined;
    if (draining) waits.push(watch(kernel, node, draining));
  }
  const { clock } = kernel;
  let timer: unknown;
  let isOver = false;
  const callOff = () => {
    isOver = true;
    if (timer !== undefined) clock.clearTimeout(timer);
    timer = undefined;
  };
  const end = () => {
    if (isOver) return;
    callOff();
    onOver();
  };
  const leftMs = deadline - clock.monotonic();
  if (waits.length > 0 && Number.isFinite(leftMs)) {
    timer = clock.setTimeout(end, Math.max(0, leftMs));
  }
  void Promise.all(waits).then(end);
  return callOff;
}

async function watch(kernel: Kernel, node: TreeNode, draining: Promise<unknown>): Promise<void> {
  kernel.journal.record(node, { type: 'draining' });
  try {
    await draining;
    kernel.journal.record(node, { type: 'drained' });
  } catch (error) {
    kernel.journal.record(node, { type: 'drained', error: errorInfo(error) });
  }
}
