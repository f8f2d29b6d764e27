import { errorInfo } from '../events.ts';
import type { Kernel } from './kernel.ts';
import type { TreeNode } from './node.ts';

/**
 * Asks every ready service that has a `drain` hook to take in no more work, all at once, and waits
 * until what is in flight is done or the deadline has come. Everything they need still runs.
 */
export async function drainAll(kernel: Kernel, deadline: number): Promise<void> {
  const waits: Promise<void>[] = [];
  for (const node of kernel.tree.all()) {
    const draining = node.status === 'running' ? node.life?.drain() : undefined;
    if (draining) waits.push(watch(kernel, node, draining));
  }
  if (waits.length === 0) return;
  const { clock } = kernel;
  let timer: unknown;
  const tooLate = new Promise<void>((resolve) => {
    const leftMs = deadline - clock.monotonic();
    if (Number.isFinite(leftMs)) timer = clock.setTimeout(resolve, Math.max(0, leftMs));
  });
  await Promise.race([Promise.all(waits), tooLate]);
  if (timer !== undefined) clock.clearTimeout(timer);
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
