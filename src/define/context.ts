import type { Logger } from 'pino';
import type { Duration } from '../../actors/rules/duration.ts';
import type { HealthStatus } from '../events.ts';
import type { Bus } from './bus.ts';
import type { AnyDefinition, AnyService, InputOf, MessagesOf } from './definition.ts';
import type { Jobs } from './jobs.ts';
import type { Metrics } from './metrics.ts';
import type { NeedValues } from './needs.ts';
import type { Notify } from './notify.ts';
import type { Storage } from './storage.ts';
import type { InSpan } from './tracing.ts';

/**
 * What the code of a service is given: one context for each incarnation, the same object for its
 * hooks and its body. It is revoked when its incarnation is over: what an abandoned incarnation
 * still does with it is rejected with `DARUMA_STALE_INCARNATION`, so that it never acts for its
 * successor.
 *
 * To type a function that is written elsewhere, name what it needs:
 * `async function serve(ctx: Context<{ database: typeof database }>) { ... }`.
 */
export interface Context<Declared = unknown, Config = unknown, Ready = unknown, Input = unknown>
  extends Identity,
    Cleanup,
    Time,
    Messaging {
  /**
   * Cancelled when the incarnation is over, whatever the cause: a request to stop, a crash, a normal
   * return. Made when it is first touched. Its reason is a `CancelledError`.
   */
  readonly signal: AbortSignal;
  /** A child logger bound to `{ actor, incarnation }`. */
  readonly log: Logger;
  /** The validated configuration; without a `config` schema of its own, that of the nearest above. */
  readonly config: Config;
  /**
   * The ready values of what it needs, looked up when they are read: with `onLoss: 'keep'` a need may
   * have been restarted meanwhile.
   */
  readonly needs: NeedValues<Declared>;
  /** What a dynamic child was started with. */
  readonly input: Input;
  /** Tells people something, through the channels of the system. */
  readonly notify: Notify;
  /** Events between services that do not know each other. */
  readonly bus: Bus;
  /** Counters, gauges, histograms and timers, for `/metrics` and OpenTelemetry. */
  readonly metrics: Metrics;
  /**
   * Calls code in a span of its own, for OpenTelemetry: `await ctx.span('charge', () => pay())`.
   * Without it the code is just called.
   */
  readonly span: InSpan;
  /** What it keeps across restarts, its own and those of the process. */
  readonly storage: Storage;
  /** Durable jobs: added here, run by `worker()` in this process or another. */
  readonly jobs: Jobs;

  /**
   * Makes a service with `ready: 'manual'` ready; `value` is what dependants receive. Ending before
   * it is called is a failure; calling it again does nothing.
   */
  ready(...value: undefined extends Ready ? [value?: Ready] : [value: Ready]): void;
  /** Tells the watchdog that work goes on. Cheap enough for a tight loop. */
  beat(): void;
  /** Reports its own health, which counts until the next report or the end of the incarnation. */
  health(status: HealthStatus, reason?: string): void;
  /**
   * Adds a child to this incarnation's own dynamic supervisor: its path is `<path>/<id>`, it is
   * transient where its options do not say otherwise, and it is stopped before the incarnation ends.
   * Resolves when it is ready.
   *
   * @throws DefinitionError when the definition has faults; `DARUMA_ALREADY_STARTED` when the id is
   * taken; `DARUMA_START_FAILED` when it did not come up.
   */
  spawn<Definition extends AnyDefinition>(
    definition: Definition,
    options?: SpawnOptions<InputOf<Definition>>,
  ): Promise<Spawned>;
}

/** Which incarnation of what. */
export interface Identity {
  /** Its place in the tree: `'app/edge/feed'`. */
  readonly path: string;
  /** Which life of it, from 1. */
  readonly incarnation: number;
  /** How many restarts of the current series came before this one; 0 for a fresh start. */
  readonly attempt: number;
}

/** Whatever is registered is disposed of on every exit, in reverse order, one by one. */
export interface Cleanup {
  /**
   * Disposes of a resource on every exit, also after a failed start: with its own `Symbol.dispose`
   * or `Symbol.asyncDispose`, or with `dispose`. Within the `stopWithin` of the service.
   *
   * @returns the resource
   */
  use<Resource extends Disposable | AsyncDisposable>(resource: Resource): Resource;
  use<Resource>(resource: Resource, dispose: (resource: Resource) => unknown): Resource;
  /** Runs `fn` on every exit. */
  defer(fn: () => unknown): void;
}

/** The time and the chance of the system: virtual in tests. */
export interface Time {
  /**
   * Resolves after a time.
   *
   * @throws the signal's reason as soon as the signal is cancelled
   */
  sleep(duration: Duration): Promise<void>;
  /** Milliseconds since the epoch, on the system's clock. */
  now(): number;
  /** A number in [0, 1) from the system's seed. */
  random(): number;
}

/** Messages to other services, by path or by definition where that occurs once in the tree. */
export interface Messaging {
  /**
   * Puts a message into the mailbox of a service and forgets about it.
   *
   * @throws `DARUMA_NOT_RUNNING` when it is down and its `whileDown` is `reject`;
   * `DARUMA_MAILBOX_FULL`; `DARUMA_NOT_FOUND`
   */
  send<To extends AnyService, Message extends keyof MessagesOf<To> & string>(
    to: To,
    message: Message,
    ...payload: PayloadOf<MessagesOf<To>[Message]>
  ): void;
  send(to: string, message: string, payload?: unknown): void;
  /**
   * Puts a message into the mailbox of a service and resolves with its reply.
   *
   * @throws as `send`; `DARUMA_ASK_TIMEOUT` after `timeout`; `DARUMA_RECEIVER_FAILED` when the
   * receiver threw
   */
  ask<To extends AnyService, Message extends keyof MessagesOf<To> & string>(
    to: To,
    message: Message,
    ...rest: AskArguments<MessagesOf<To>[Message]>
  ): Promise<ReplyOf<MessagesOf<To>[Message]>>;
  ask(to: string, message: string, payload?: unknown, options?: AskOptions): Promise<unknown>;
}

export interface AskOptions {
  /** How long the reply may take. @default '5s' */
  readonly timeout?: Duration;
}

export interface SpawnOptions<Input = unknown> {
  /** Its name below the spawning service. @default the name of the definition */
  readonly id?: string;
  /** What it finds as `ctx.input`. */
  readonly input?: Input;
  /** Values for its `config` schema, beside those of the environment. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A child that a service started itself. */
export interface Spawned {
  readonly id: string;
  readonly path: string;
  /** Resolves when it is down. Fine to call when it is down already. */
  stop(): Promise<void>;
}

/** The argument after the name of a message: none where the receiver takes none. */
export type PayloadOf<Message> = Message extends { readonly payload: infer Payload }
  ? undefined extends Payload
    ? [payload?: Payload]
    : [payload: Payload]
  : [];

/** The arguments after the name of a message that is asked. */
export type AskArguments<Message> = Message extends { readonly payload: infer Payload }
  ? undefined extends Payload
    ? [payload?: Payload, options?: AskOptions]
    : [payload: Payload, options?: AskOptions]
  : [];

export type ReplyOf<Message> = Message extends { readonly reply: infer Reply } ? Reply : unknown;
