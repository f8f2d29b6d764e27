import type { Observable, SchedulerLike, Unsubscribable } from 'rxjs';
import type { Duration } from '../../actors/rules/duration.ts';
import type { BackoffOptions } from './options.ts';
import type { AnyTopic, Topic } from './topic.ts';

/**
 * Events between services that do not know each other: `ctx.bus`. Whoever emits is neither slowed
 * nor failed by whoever subscribes: every subscription has a mailbox of its own, and its handler is
 * called from there, one event at a time.
 */
export interface Bus {
  /**
   * Checks the payload and puts it into the mailbox of every subscription, then returns; handlers
   * run later. What is emitted by a handler queues behind what is there.
   *
   * @throws `DARUMA_INVALID_PAYLOAD` naming every issue; `DARUMA_STALE_INCARNATION`
   */
  emit<Payload>(
    topic: Topic<Payload, unknown, unknown>,
    ...payload: PayloadArgument<Payload>
  ): void;
  /**
   * Emits, and resolves once every critical subscription has handled it.
   *
   * @throws as `emit`; `DARUMA_CRITICAL_HANDLER` when a critical subscription failed, dropped it or
   * ended first; `DARUMA_ASK_TIMEOUT`, while the emission itself goes on
   */
  confirm<Payload>(
    topic: Topic<Payload, unknown, unknown>,
    payload: Payload,
    options?: WaitOptions,
  ): Promise<void>;
  /**
   * Calls a handler with everything that is emitted from now on, until the subscription is ended or
   * the incarnation begins to end. Text is a pattern: `*` is one segment, `**` one or more; its
   * payloads are unknown.
   *
   * @throws `DARUMA_INVALID_TOPIC`; `DARUMA_INVALID_OPTION`; `DARUMA_STALE_INCARNATION` once the end
   * has begun
   */
  on<Delivered>(
    topic: Topic<never, Delivered, unknown>,
    handler: Handler<Delivered>,
    options?: SubscriptionOptions<Delivered>,
  ): Subscription;
  on(pattern: string, handler: Handler, options?: SubscriptionOptions): Subscription;
  /** `on` that ends with the first event that it is given. */
  once<Delivered>(
    topic: Topic<never, Delivered, unknown>,
    handler: Handler<Delivered>,
    options?: SubscriptionOptions<Delivered>,
  ): Subscription;
  once(pattern: string, handler: Handler, options?: SubscriptionOptions): Subscription;
  /**
   * Ends subscriptions that were made here: all, those of a topic or pattern, or those of a handler.
   * Those of others stay.
   *
   * @returns how many ended
   */
  off(topic?: AnyTopic | string, handler?: (...args: never[]) => unknown): number;
  /**
   * Asks whoever replies to a topic.
   *
   * @throws `DARUMA_INVALID_PAYLOAD`; `DARUMA_NOT_RUNNING` when nobody replies; `DARUMA_MAILBOX_FULL`;
   * `DARUMA_ASK_TIMEOUT`; `DARUMA_RECEIVER_FAILED` when the handler threw
   */
  request<Payload, Reply>(
    topic: Topic<Payload, unknown, Reply>,
    payload: Payload,
    options?: WaitOptions,
  ): Promise<Reply>;
  /**
   * Answers the requests of a topic, as long as the incarnation lasts.
   *
   * @throws `DARUMA_ALREADY_PRESENT` when somebody does already
   */
  reply<Delivered, Reply>(
    topic: Topic<never, Delivered, Reply>,
    handler: (payload: Delivered, event: BusEvent<Delivered>) => Reply | Promise<Reply>,
    options?: ReplyOptions<Delivered>,
  ): Subscription;
  /**
   * The payloads as an RxJS Observable. Each subscriber has a mailbox of its own; it completes when
   * the incarnation begins to end. For operators that need time, hand them `scheduler`.
   */
  stream<Delivered>(
    topic: Topic<never, Delivered, unknown>,
    options?: StreamOptions,
  ): Observable<Delivered>;
  stream(pattern: string, options?: StreamOptions): Observable<unknown>;
  /** Emits everything that an Observable does, until the incarnation begins to end. */
  from<Payload>(source: Observable<Payload>, topic: Topic<Payload, unknown, unknown>): Subscription;
  /**
   * The events as an async iterator; the next one is taken when the loop asks for it, and the loop
   * ends when the incarnation begins to end.
   */
  events<Delivered>(
    topic: Topic<never, Delivered, unknown>,
    options?: StreamOptions,
  ): AsyncIterableIterator<BusEvent<Delivered>>;
  events(pattern: string, options?: StreamOptions): AsyncIterableIterator<BusEvent>;
  /** How many subscriptions an event of this topic would reach now. */
  subscribers(topic: AnyTopic): number;
  /** The clock of the system, for RxJS operators: `debounceTime(300, ctx.bus.scheduler)`. */
  readonly scheduler: SchedulerLike;
}

/** The argument after the topic: none where there is no payload. */
export type PayloadArgument<Payload> = undefined extends Payload
  ? [payload?: Payload]
  : [payload: Payload];

/** What a handler throws is its service's failure, unless `onError` says otherwise. */
export type Handler<Delivered = unknown> = (
  payload: Delivered,
  event: BusEvent<Delivered>,
) => unknown;

/** An event as it is delivered. All subscribers get the same payload: do not change it. */
export interface BusEvent<Delivered = unknown> {
  /** Position among all events of this system, from 1; the same again when a handler is retried. */
  readonly id: number;
  /** The name of the topic. */
  readonly topic: string;
  readonly payload: Delivered;
  /** Milliseconds since the epoch, when it was emitted. */
  readonly time: number;
  /** The path of whoever emitted it; the root's for code outside the tree. */
  readonly from: string;
  /** Which call of the handler for this event, from 1. */
  readonly attempt: number;
}

/** Ends the subscription; what waits in its mailbox is dropped. */
export interface Subscription extends Disposable, Unsubscribable {
  readonly isActive: boolean;
  /** Events that wait or are being handled. */
  readonly size: number;
}

/** What happens to an event when a mailbox is full. */
export type OverflowPolicy = 'drop-oldest' | 'drop-newest' | 'fail';

export interface MailboxOptions<Delivered = unknown> {
  /** How many events may wait. Minimum: 1. @default 1000 */
  readonly buffer?: number;
  /**
   * When one more comes: the one that waits longest goes, the new one goes, or the service of the
   * subscription fails with `DARUMA_SUBSCRIBER_OVERFLOW`.
   *
   * @default 'drop-oldest'
   */
  readonly overflow?: OverflowPolicy;
  /** How many events are handled at once. @default 1; 10 with `orderBy` */
  readonly concurrency?: number;
  /** Events with the same key are handled in order, one at a time. @default none */
  readonly orderBy?: (payload: Delivered) => unknown;
}

export interface SubscriptionOptions<Delivered = unknown> extends MailboxOptions<Delivered> {
  /** Begins with the last value of the topic, which has `keep: 'last'`. @default none */
  readonly replay?: 'last';
  /** Higher ones get an event earlier. @default 0 */
  readonly priority?: number;
  /**
   * Those that come after it get an event when it has handled it, and not at all when it failed.
   *
   * @default false
   */
  readonly critical?: boolean;
  /** Calls of the handler for one event, the first one included. @default 1 */
  readonly maxAttempts?: number;
  /** Between them. @default { first: '100ms', max: '30s', factor: 2, jitter: 'full' } */
  readonly backoff?: BackoffOptions;
  /**
   * After the last attempt. `fail`: the service fails. `report`: a `handler-failed` event, and the
   * next one is handled. A function is called with what was given up, in addition to the event.
   *
   * @default 'fail'
   */
  readonly onError?: 'fail' | 'report' | ((error: unknown, event: BusEvent<Delivered>) => unknown);
}

export type ReplyOptions<Delivered = unknown> = MailboxOptions<Delivered> & {
  /** @default 'fail' */
  readonly onError?: 'fail' | 'report';
};

export interface StreamOptions {
  /** Begins with the last value of the topic, which has `keep: 'last'`. @default none */
  readonly replay?: 'last';
  /** How many events may wait. @default 1000 */
  readonly buffer?: number;
  /** @default 'drop-oldest' */
  readonly overflow?: OverflowPolicy;
}

export interface WaitOptions {
  /** @default '5s' */
  readonly timeout?: Duration;
}
