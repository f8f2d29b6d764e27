import { formatDuration } from '../../actors/rules/duration.ts';
import type { ErrorInfo } from '../events.ts';

/** What becomes of notifications. */
export type NotifyHappening =
  /** It goes to the channels: neither a repetition, nor held back. `from`: whose; the path is the root's. */
  | {
      readonly type: 'notification';
      readonly id: string;
      readonly from: string;
      readonly level: 'info' | 'success' | 'warning' | 'error';
      readonly title: string;
      readonly message: string;
    }
  /** Beyond what may be sent in a while; a summary of them follows. The path is the root's. */
  | { readonly type: 'notifications-held-back'; readonly limit: number; readonly perMs: number }
  /** A channel did not deliver `count` of them. The path is the root's. */
  | {
      readonly type: 'notification-lost';
      readonly channel: string;
      readonly count: number;
      readonly why: 'failed' | 'queue-full' | 'closed';
      readonly error?: ErrorInfo;
    };

export function describeNotify(event: NotifyHappening): string {
  switch (event.type) {
    case 'notification':
      return `${event.from} notifies (${event.level}): ${event.title}${event.message === '' ? '' : `: ${event.message}`}`;
    case 'notifications-held-back':
      return `holds notifications back: ${event.limit} are sent in ${formatDuration(event.perMs)}, and there are more`;
    case 'notification-lost': {
      const many = event.count === 1 ? 'a notification' : `${event.count} notifications`;
      return `channel ${event.channel} lost ${many}: ${event.error?.message ?? reasons[event.why]}`;
    }
  }
}

const reasons = {
  failed: 'it failed',
  'queue-full': 'its queue is full',
  closed: 'the system stopped first',
} as const;
