import type { QueueSpec } from '../define/queue.ts';
import type { ItemSpec } from '../define/spec.ts';
import { batteryKind, queueOf, type WorkerPolicy } from '../jobs/read-worker.ts';
import type { TreeInfo } from './tree-info.ts';

/** A worker as its definition has it. */
export interface WorkerInfo {
  /** The name of its queue. */
  readonly queue: string;
  readonly spec: QueueSpec;
  /** How many handlers of it may run at once, each with a batch of so many jobs. */
  readonly concurrency: number;
  readonly batchSize: number;
}

/** What a worker was told; undefined for everything else. */
export function workerInfoOf(spec: ItemSpec | undefined): WorkerInfo | undefined {
  if (spec?.kind !== 'service' || spec.body.kind !== 'hooks') return undefined;
  const { battery } = spec.body;
  const queue = battery?.kind === batteryKind ? queueOf(spec.body) : undefined;
  if (!battery || !queue) return undefined;
  const { concurrency, batch } = battery.policy as unknown as WorkerPolicy;
  return { queue: queue.name, spec: queue.spec, concurrency, batchSize: batch?.size ?? 1 };
}

/** Where workers are. */
export function workersOf(tree: TreeInfo): readonly string[] {
  return tree.services().flatMap(({ path, spec }) => (workerInfoOf(spec) ? [path] : []));
}

/** The queues that a tree has workers of, by name. */
export function queuesOf(tree: TreeInfo): ReadonlyMap<string, QueueSpec> {
  const queues = new Map<string, QueueSpec>();
  for (const { spec } of tree.services()) {
    const info = workerInfoOf(spec);
    if (info) queues.set(info.queue, info.spec);
  }
  return queues;
}
