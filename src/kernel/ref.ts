import type { Observable } from 'rxjs';
import type { Duration } from '../../actors/rules/duration.ts';
import type { AskArguments, AskOptions, PayloadOf, ReplyOf } from '../define/context.ts';
import type {
  AnyDefinition,
  InputOf,
  MessagesOf,
  ReadyOf,
  ServiceDefinition,
  SupervisorDefinition,
} from '../define/definition.ts';
import type { Explanation } from './explain.ts';
import type { Health } from './health.ts';
import type { Status } from './node.ts';

/**
 * A handle on a place in the tree. It is stable: it stays good across restarts, also of the
 * supervisors above, and says `absent` when there is nothing at its path.
 */
export interface Ref {
  readonly path: string;
  status(): Status;
  /** Which life of it, from 1; 0 before the first. */
  incarnation(): number;
  /** The status now and after every change. Completes when the system has stopped. */
  readonly status$: Observable<Status>;
  /** Its health with everything below it. */
  health(): Health;
  /** The health now and after every change, at most once per turn of the event loop. */
  readonly health$: Observable<Health>;
  /** Why it is in this state, since when, the rule that decided, and what happens next. */
  explain(): Explanation;
  /** Resolves when it is running; rejects when it will not get there by itself. */
  whenReady(): Promise<void>;
  /** Starts a child that is down: one attempt, never retried, never charged. */
  start(): Promise<void>;
  /** Stops it, dependants first; it is not restarted for that. Resolves when it is down. */
  stop(): Promise<void>;
  /** Stops it if it is up, and starts it. Not charged. Not for dynamic or temporary children. */
  restart(): Promise<void>;
  /**
   * Calls back once when it is down and will not come back by itself: a restart is no such end.
   * At once, when that is so already. Returns the function that takes the request back.
   */
  watch(callback: (end: WatchedEnd) => void): () => void;
}

/** What a watcher is told. */
export interface WatchedEnd {
  readonly path: string;
  readonly status: Status;
  /** Why its latest incarnation ended; undefined when there never was one. */
  readonly reason: string | undefined;
}

export interface ServiceRef<Definition = ServiceDefinition> extends Ref {
  /** What it made ready; undefined while it is not running. */
  value(): ReadyOf<Definition> | undefined;
  /** @throws DARUMA_NOT_RUNNING, DARUMA_MAILBOX_FULL; never for what the receiver does with it. */
  send<Message extends keyof MessagesOf<Definition> & string>(
    message: Message,
    ...payload: PayloadOf<MessagesOf<Definition>[Message]>
  ): void;
  /** Rejects when no answer comes within the timeout, 5 s by default. */
  ask<Message extends keyof MessagesOf<Definition> & string>(
    message: Message,
    ...rest: AskArguments<MessagesOf<Definition>[Message]>
  ): Promise<ReplyOf<MessagesOf<Definition>[Message]>>;
}

export interface SupervisorRef<Template = unknown> extends Ref {
  /**
   * Static: adds a definition as the last in order. Dynamic: starts a copy of the template with
   * these overrides. Resolves with its handle when it is ready, or was not needed; when it cannot
   * start, nothing is left behind.
   */
  startChild(
    child?: AnyDefinition | ChildOverrides<InputOf<Template>>,
    options?: AddOptions,
  ): Promise<Ref>;
  /** Stops a child by id or handle. Fine when it is down already. */
  stopChild(child: string | Ref): Promise<void>;
  /** Starts a child that is down. */
  restartChild(child: string): Promise<void>;
  /** Forgets a child that is down. */
  removeChild(child: string): Promise<void>;
  /** Its children, in start order. */
  children(): ChildView[];
  count(): ChildCounts;
  /** The longest that its stop can take, in milliseconds; Infinity when something has no limit. */
  worstCaseStop(): number;
  /** The longest that its start can take, in milliseconds. */
  worstCaseStart(): number;
}

export interface AddOptions {
  /** Values for the `config` schema of an added definition, beside those of the environment. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** What a dynamic child has different from its template. */
export interface ChildOverrides<Input = unknown> {
  /** @default a number counted up */
  readonly id?: string;
  /** What it finds as `ctx.input`. */
  readonly input?: Input;
  readonly [option: string]: unknown;
}

export interface ChildView {
  readonly id: string;
  readonly path: string;
  readonly kind: 'service' | 'supervisor';
  readonly status: Status;
  readonly incarnation: number;
}

/** OTP's count_children. Children in backoff, waiting or down are not active. */
export interface ChildCounts {
  /** Specs held; dynamic: always 1, the template. */
  readonly specs: number;
  readonly active: number;
  readonly supervisors: number;
  readonly workers: number;
}

/** The kind of handle that a definition has. */
export type RefOf<Definition> =
  Definition extends SupervisorDefinition<string, unknown, infer Template>
    ? SupervisorRef<Template>
    : Definition extends ServiceDefinition
      ? ServiceRef<Definition>
      : AnyRef;

/** A handle of which it is not known what it stands for. */
export type AnyRef = SupervisorRef &
  Ref & {
    value(): unknown;
    send(message: string, payload?: unknown): void;
    ask(message: string, payload?: unknown, options?: AskOptions): Promise<unknown>;
  };

export type { AskOptions, Duration };
