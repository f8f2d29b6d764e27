import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { AnyActorLogic } from 'xstate';
import type { BackoffPolicy } from '../../actors/rules/backoff.ts';
import type { Decision, RestartType } from '../../actors/rules/restart.ts';
import type {
  AutoShutdown,
  StartOrder,
  Strategy,
  WhenExhausted,
} from '../../actors/rules/roster.ts';

/**
 * A validated definition as the kernel runs it: plain, frozen, every default filled in, every
 * duration in milliseconds. Infinity means no limit.
 */
export type ItemSpec = ServiceSpec | SupervisorSpec;

export interface ServiceSpec {
  readonly kind: 'service';
  readonly name: string;
  readonly restart: RestartType;
  readonly significant: boolean;
  readonly startWithinMs: number;
  /** `brutal`: cut off at once, never asked. */
  readonly stopWithinMs: number | 'brutal';
  readonly firstStart: 'fail' | 'retry';
  readonly backoff: BackoffPolicy;
  readonly decide: ((error: unknown, info: DecideInfo) => Decision) | undefined;
  readonly needs: readonly NeedSpec[];
  readonly onLoss: OnLoss;
  /** Infinity: off. */
  readonly watchdogMs: number;
  readonly config: StandardSchemaV1 | undefined;
  readonly receive: Receivers | undefined;
  readonly mailbox: number;
  readonly whileDown: WhileDown;
  readonly health: readonly HealthCheckSpec[];
  readonly body: BodySpec;
  /** What a dynamic child was started with. */
  readonly input: unknown;
}

export interface SupervisorSpec {
  readonly kind: 'supervisor';
  readonly name: string;
  readonly restart: RestartType;
  readonly significant: boolean;
  readonly strategy: Strategy;
  readonly order: StartOrder;
  /** undefined: 20 for each item. */
  readonly intensity: number | undefined;
  readonly periodMs: number;
  readonly whenExhausted: WhenExhausted;
  readonly autoShutdown: AutoShutdown;
  readonly stopWithinMs: number;
  readonly backoff: BackoffPolicy;
  readonly config: StandardSchemaV1 | undefined;
  readonly children: readonly ItemSpec[];
  /** Dynamic supervisors only. */
  readonly template: ItemSpec | undefined;
  readonly maxChildren: number;
  /** What it is, where Daruma brings it along. */
  readonly battery?: BatterySpec;
}

export interface HealthCheckSpec {
  readonly name: string;
  readonly check: UserFunction;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly failures: number;
  readonly successes: number;
}

export type OnLoss = 'suspend' | 'restart' | 'keep';
export type WhileDown = 'reject' | 'buffer' | 'drop';

export interface NeedSpec {
  /** The name under which the body finds it: `ctx.needs[key]`. */
  readonly key: string;
  /** Absolute path of the item that is needed. */
  readonly path: string;
  /** Gives an order, but is not required. */
  readonly optional: boolean;
}

/** What `decide` is told beside the error. */
export interface DecideInfo {
  readonly path: string;
  readonly incarnation: number;
  /** Restarts in the current series so far. */
  readonly attempt: number;
  /** How long it had been ready, in milliseconds; 0 when it never was. */
  readonly readyMs: number;
}

/** The functions take the context of an incarnation; the kernel knows its type. */
// biome-ignore lint/suspicious/noExplicitAny: the definition's types have been checked at the call.
type UserFunction = (...args: any[]) => unknown;

export type Receivers = Readonly<Record<string, UserFunction>>;

export type BodySpec = HooksSpec | LogicSpec;

export interface HooksSpec {
  readonly kind: 'hooks';
  /** Resolves when ready, with the value that dependants receive. */
  readonly start: UserFunction | undefined;
  /** The body; without one the service lives until it is stopped. */
  readonly run: UserFunction | undefined;
  readonly stop: UserFunction | undefined;
  readonly drain: UserFunction | undefined;
  readonly ready: 'immediate' | 'manual';
  /** What it is, where Daruma brings it along. */
  readonly battery?: BatterySpec;
}

export interface BatterySpec {
  readonly kind: string;
  /** Plain data: for tools. */
  readonly policy: Readonly<Record<string, unknown>>;
  /**
   * What of the user's it calls again and again, beside the hooks. It is looked up here whenever it
   * is called, so that a simulation can put faults around it.
   */
  readonly work?: UserFunction;
}

export interface LogicSpec {
  readonly kind: 'logic';
  readonly logic: AnyActorLogic;
  readonly input: Readonly<Record<string, unknown>>;
  /** undefined: ready when started. */
  readonly ready: ((snapshot: unknown) => boolean) | undefined;
}

/** One item of a compiled tree with its place. */
export interface PlacedSpec {
  readonly path: string;
  readonly spec: ItemSpec;
}
