import { formatDuration } from '../../actors/rules/duration.ts';
import type { ErrorInfo } from '../events.ts';

/** What happens to events between services. The path is the subscriber's. */
export type BusHappening =
  /**
   * Events that were not handled: the mailbox was full, or the service ended first. `count`: since
   * the last event of this kind; at most one in ten seconds for each subscription.
   */
  | {
      readonly type: 'events-dropped';
      readonly topic: string;
      readonly count: number;
      readonly why: 'overflow' | 'ended';
    }
  /** A handler failed, and its service goes on. `retryMs`: until it is called again; null: never. */
  | {
      readonly type: 'handler-failed';
      readonly topic: string;
      readonly error: ErrorInfo;
      readonly attempt: number;
      readonly retryMs: number | null;
    }
  /** A critical subscription did not handle an event, so that those after it do not get it. */
  | { readonly type: 'emission-aborted'; readonly topic: string; readonly by: string };

export function describeBus(event: BusHappening): string {
  switch (event.type) {
    case 'events-dropped':
      return event.why === 'overflow'
        ? `dropped ${events(event.count)} of ${event.topic}: its mailbox is full`
        : `ended with ${events(event.count)} of ${event.topic} not handled`;
    case 'handler-failed':
      return `failed to handle ${event.topic} (attempt ${event.attempt}), ${
        event.retryMs === null
          ? 'and gave it up'
          : `tries again in ${formatDuration(event.retryMs)}`
      }: ${event.error.message}`;
    case 'emission-aborted':
      return `${event.topic} goes no further: ${event.by}, which is critical, did not handle it`;
  }
}

function events(count: number): string {
  return count === 1 ? 'one event' : `${count} events`;
}
