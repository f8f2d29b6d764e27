import type { Jitter } from '../../actors/rules/backoff.ts';
import type { Duration } from '../../actors/rules/duration.ts';
import type { Decision, RestartType } from '../../actors/rules/restart.ts';
import type { DecideInfo, OnLoss, WhileDown } from './spec.ts';

/** How the delays before restarts grow, from the end of one incarnation to the start of the next. */
export interface BackoffOptions {
  /** The delay before the first restart of a series. @default '100ms' */
  readonly first?: Duration;
  /** No delay is ever longer, jitter included. @default '30s' */
  readonly max?: Duration;
  /** Each delay is this many times the one before. Minimum: 1. @default 2 */
  readonly factor?: number;
  /**
   * `full` draws from [0, delay], `equal` from [delay / 2, delay], `none` takes the delay.
   *
   * @default 'full'
   */
  readonly jitter?: Jitter;
  /**
   * A new series begins after an incarnation that had been ready for this long, and for its last
   * delay. @default '1m'
   */
  readonly resetAfter?: Duration;
}

/** What services and supervisors have in common. */
export interface ItemOptions<Schema> {
  /**
   * `permanent`: always started again. `transient`: after an error, not after a normal return.
   * `temporary`: never, and its spec is dropped.
   *
   * @default 'permanent'
   */
  readonly restart?: RestartType;
  /**
   * Its end by itself may end its supervisor, as the supervisor's `autoShutdown` says. Not for
   * permanent items, which do not end by themselves.
   *
   * @default false
   */
  readonly significant?: boolean;
  readonly backoff?: BackoffOptions;
  /** A Standard Schema (valibot, zod, arktype ...). Validated before anything starts. */
  readonly config?: Schema;
}

/** What all services have in common, whatever their body is. */
export interface CommonServiceOptions<Declared, Schema, Messages> extends ItemOptions<Schema> {
  /** How long one start attempt may take, from its begin until ready. @default '10s' */
  readonly startWithin?: Duration;
  /**
   * How long its end may take: stop hook, body and cleanup together. What takes longer is abandoned,
   * fenced off and reported. `'brutal'`: cut off at once, never asked. `'infinity'`: no limit.
   *
   * @default '5s'
   */
  readonly stopWithin?: Duration | 'brutal' | 'infinity';
  /**
   * `fail`: when the first start fails, the start of the supervisor fails. `retry`: the first start
   * too is retried with backoff, within the system's `bootWithin`.
   *
   * @default 'fail'
   */
  readonly firstStart?: 'fail' | 'retry';
  /**
   * What an error of the body means. One that throws, or answers something else, counts as
   * `'restart'`.
   *
   * @default always 'restart'
   */
  readonly decide?: (error: unknown, info: DecideInfo) => Decision;
  /** What must be ready before it starts, under the names of `ctx.needs`. It stops before them. */
  readonly needs?: Declared;
  /**
   * When a need goes down: `suspend` stops it and brings it back when the need is ready again,
   * `restart` lets it run and restarts it
   * when the need is ready again, `keep` just lets it run.
   *
   * @default 'suspend'
   */
  readonly onLoss?: OnLoss;
  /**
   * The longest time between two calls of `ctx.beat()` while running; a service that takes longer is
   * stuck and restarted. @default off
   */
  readonly watchdog?: Duration;
  /**
   * Handlers of messages, one message at a time, beside the body. What one returns is the reply.
   *
   * ```ts
   * receive: { ping: (payload: { n: number }, ctx) => payload.n + 1 }
   * ```
   */
  readonly receive?: Messages;
  /** How many messages may wait. Minimum: 1. @default 1000 */
  readonly mailbox?: number;
  /**
   * Messages to it while it is down are rejected, wait in the mailbox until it is ready again, or
   * are dropped with an event. @default 'reject'
   */
  readonly whileDown?: WhileDown;
}
