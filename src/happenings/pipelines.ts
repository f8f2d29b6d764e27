import { formatDuration } from '../../actors/rules/duration.ts';
import type { ErrorInfo } from '../events.ts';

/**
 * What goes wrong with items on their way through a pipeline; of those that go through there is no
 * event. The path is that of the part: of the handler or consumer that failed, of the consumer or
 * producer whose buffer was full, else of the router.
 */
export type PipelineHappening = {
  readonly type: 'item';
  /**
   * `failed`: an attempt; it is over with that where `retryMs` is null. `unmatched`: no handler is for
   * it. `dropped`: a buffer was full; at most one event in ten seconds for each. `lost`: the pipeline
   * came down first.
   */
  readonly status: 'failed' | 'unmatched' | 'dropped' | 'lost';
  /** How many, since the last event of this kind. */
  readonly count: number;
  /** Which; null where there may be several. */
  readonly id: string | null;
  /** What the router says that it is. */
  readonly route?: string | null;
  readonly attempt?: number;
  /** Until it is tried again; null: never. */
  readonly retryMs?: number | null;
  readonly error?: ErrorInfo;
};

export function describeItem(event: PipelineHappening): string {
  const { id, count, attempt = 1, retryMs, error } = event;
  switch (event.status) {
    case 'failed':
      return `failed on item ${id} (attempt ${attempt}), ${next(retryMs)}: ${error?.message ?? 'unknown'}`;
    case 'unmatched':
      return `no handler is for item ${id}${event.route ? `, whose route is ${event.route}` : ''}`;
    case 'dropped':
      return `dropped ${items(count)}: its buffer is full`;
    case 'lost':
      return `ended with ${items(count)} on the way`;
  }
}

function next(retryMs: number | null | undefined): string {
  if (retryMs === null || retryMs === undefined) return 'and gave it up';
  // It is restarted first, which says for itself when.
  if (retryMs === 0) return 'tries again';
  return `tries again in ${formatDuration(retryMs)}`;
}

function items(count: number): string {
  return count === 1 ? 'one item' : `${count} items`;
}
