import type { ErrorInfo } from '../events.ts';

/** What happens to notifications on their way; the path is whose they are. */
export type NotifyHappening =
  /**
   * It was `sent`, could not be (`failed`), or was pushed out of a full queue (`dropped`).
   */
  {
    readonly type: 'notification';
    readonly outcome: 'sent' | 'failed' | 'dropped';
    readonly channel: string;
    readonly title: string;
    readonly error?: ErrorInfo;
  };

export function describeNotify({ outcome, channel, title, error }: NotifyHappening): string {
  const because = error ? `: ${error.message}` : '';
  return {
    sent: `told ${channel}: ${title}`,
    failed: `could not tell ${channel} '${title}'${because}`,
    dropped: `did not tell ${channel} '${title}': too many wait`,
  }[outcome];
}
