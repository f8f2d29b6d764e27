import type { QueueSpec } from '../define/queue.ts';
import { defaultQueue } from './read-queue.ts';

/** How long a job is known that ends like this, for an engine. null: for ever. */
export function keepMsOf(
  { keep }: QueueSpec = defaultQueue,
  end: 'completed' | 'dead' | 'cancelled',
): number | null {
  const ms = keep[`${end}Ms`];
  return Number.isFinite(ms) ? Math.ceil(ms) : null;
}
