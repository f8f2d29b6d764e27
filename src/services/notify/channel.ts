import type { Duration } from '../../../actors/rules/duration.ts';
import type { Notification, NotificationLevel } from '../../define/notify.ts';
import type { BackoffOptions } from '../../define/options.ts';

/** What a channel may use for one attempt. */
export interface SendTools {
  /** Aborted when the attempt has taken longer than `timeout`, and when the system closes. */
  readonly signal: AbortSignal;
}

/** Where notifications go. */
export interface Channel {
  /** For events about it. @default 'channel <number>' */
  readonly name?: string;
  /** The least that it is given: `info` and `success` below `warning` below `error`. @default 'info' */
  readonly level?: NotificationLevel;
  /** How long one attempt may take. @default '10s' */
  readonly timeout?: Duration;
  /** Attempts for one notification, the first one included. @default 1 */
  readonly maxAttempts?: number;
  /** Between them. @default { first: '1s', max: '30s', factor: 2, jitter: 'full' } */
  readonly backoff?: BackoffOptions;
  /** Delivers one. Throws when it did not; a `DARUMA_NOTIFY_REFUSED` is not tried again. */
  send(notification: Notification, tools: SendTools): unknown;
}

/** A channel that is a function and nothing else. */
export type ChannelFunction = Channel['send'];
