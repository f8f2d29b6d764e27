import type { ItemSpec } from '../define/spec.ts';
import { batteryKind as producerKind } from '../jobs/pipeline/from-queue.ts';
import { batteryKind, type QueueRules, type WorkerPolicy } from '../jobs/read-worker.ts';
import type { TreeInfo } from './tree-info.ts';

/** A worker as its definition has it, or a producer whose items are jobs. */
export interface WorkerInfo {
  /** The name of its queue. */
  readonly queue: string;
  readonly rules: QueueRules;
  /** How many handlers of it may run at once, each with a batch of so many jobs. */
  readonly concurrency: number;
  readonly batchSize: number;
}

/** What a worker was told; undefined for everything else. */
export function workerInfoOf(spec: ItemSpec | undefined): WorkerInfo | undefined {
  if (spec?.kind !== 'service' || spec.body.kind !== 'hooks') return undefined;
  const { battery } = spec.body;
  if (battery?.kind !== batteryKind && battery?.kind !== producerKind) return undefined;
  const { queue, rules, concurrency, batch } = battery.policy as unknown as WorkerPolicy;
  return { queue, rules, concurrency, batchSize: batch?.size ?? 1 };
}

/** Where workers are, those with a handler. */
export function workersOf(tree: TreeInfo): readonly string[] {
  return tree.services().flatMap(({ path, spec }) => (isWorker(spec) ? [path] : []));
}

function isWorker(spec: ItemSpec): boolean {
  const body = spec.kind === 'service' ? spec.body : undefined;
  return body?.kind === 'hooks' && body.battery?.kind === batteryKind;
}

/** The queues that a tree has workers of, by name. */
export function queuesOf(tree: TreeInfo): ReadonlyMap<string, QueueRules> {
  const queues = new Map<string, QueueRules>();
  for (const { spec } of tree.services()) {
    const info = workerInfoOf(spec);
    if (info) queues.set(info.queue, info.rules);
  }
  return queues;
}
