import type { Duration } from '../../../actors/rules/duration.ts';
import type { NotifyLevel } from '../../define/notify.ts';
import type { Clock } from '../../kernel/clock.ts';

/** What a channel is given. */
export interface Notification {
  readonly level: NotifyLevel;
  readonly title: string;
  readonly message: string;
  /** Whose it is: a path in the tree. */
  readonly path: string;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** How many of the same key were held back since the last one that was sent. */
  readonly heldBack: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a delivery may use of the system. */
export interface Delivery {
  readonly clock: Clock;
  random(): number;
  /** Aborted when nobody can wait any longer: the system is leaving. */
  readonly signal: AbortSignal;
}

/** A way to people. */
export interface Channel {
  readonly name: string;
  /** What is less pressing is not told. @default 'info', which is everything */
  readonly level?: NotifyLevel;
  /**
   * How long one notification may take; what takes longer has failed, and the next one is sent.
   * `'infinity'` is for a channel that sees to it itself. @default '30s'
   */
  readonly timeout?: Duration | 'infinity';
  /** Resolves when it was delivered, rejects when it could not be. */
  send(notification: Notification, delivery: Delivery): unknown;
}
