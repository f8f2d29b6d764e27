import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ActorRefFrom, AnyActorLogic, InputFrom, SnapshotFrom } from 'xstate';
import type { Context } from './context.ts';
import type { HealthAnswer, HealthChecks } from './health-check.ts';
import type { Ignore } from './ignore.ts';
import type { Manual } from './manual.ts';
import type { CommonServiceOptions } from './options.ts';
import type { Receivers } from './receivers.ts';

/** The type of `ctx.config`: what the schema makes of the values. */
export type ConfigOf<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : unknown;

/** How a service becomes ready, as given by its `ready` option. */
export type ReadyMode = 'immediate' | 'manual' | Manual<unknown>;

/** The value that dependants receive: what `start` resolves with, or what the body makes ready. */
export type ReadyFrom<Mode, Started> =
  Mode extends Manual<infer Ready>
    ? Ready
    : Mode extends 'manual'
      ? unknown
      : Exclude<Awaited<Started>, Ignore>;

/**
 * A service as an object of hooks. Write `start` before `run`, `stop` and `drain`: the type of their
 * `value` is what `start` resolves with.
 */
export interface ServiceOptions<Declared, Schema, Mode, Started, Receive, Input>
  extends CommonServiceOptions<
    Declared,
    Schema,
    Receive & Receivers<Context<Declared, ConfigOf<Schema>, unknown, Input>>
  > {
  /**
   * `immediate`: ready when `start` has resolved, or when the body has been called. `manual`: the
   * body calls `ctx.ready(value)`; `manual<Pool>()` types the value. Not together with `start`.
   *
   * @default 'immediate'
   */
  readonly ready?: Mode;
  /** Acquires what the service is; resolves when ready, with the value that dependants receive. */
  readonly start?: (ctx: Context<Declared, ConfigOf<Schema>, undefined, Input>) => Started;
  /** The body. The incarnation is over when it returns or throws. The same as the last argument. */
  readonly run?: Body<Declared, Schema, Mode, Started, Input>;
  /**
   * Called on a requested stop, beside the body, after the signal was cancelled; only for an
   * incarnation that was ready. Part of `stopWithin`.
   */
  readonly stop?: Body<Declared, Schema, Mode, Started, Input>;
  /**
   * Called on a shutdown before anything is stopped: take no more work in, and resolve when what is
   * in flight is done.
   */
  readonly drain?: Body<Declared, Schema, Mode, Started, Input>;
  /**
   * Health checks by name, run while it is ready, the first at once: what they find is its health,
   * the worst of them. `value` is what `start` resolved with.
   *
   * ```ts
   * health: { ping: async (ctx, database) => database.ping() }
   * ```
   */
  readonly health?: HealthChecks<HealthCheckOf<Declared, Schema, Mode, Started, Input>>;
  /** The input of a dynamic child that is started without one; it gives `ctx.input` its type. */
  readonly input?: Input;
}

/** A hook or body: it has the ready value where there was a `start`. */
export type Body<Declared, Schema, Mode, Started, Input> = (
  ctx: Context<Declared, ConfigOf<Schema>, NoInfer<ReadyFrom<Mode, Started>>, Input>,
  value: NoInfer<ReadyFrom<Mode, Started>>,
) => unknown;

/** A health check: it is given what a hook is given. */
export type HealthCheckOf<Declared, Schema, Mode, Started, Input> = (
  ...given: Parameters<Body<Declared, Schema, Mode, Started, Input>>
) => HealthAnswer | Promise<HealthAnswer>;

/** A service whose body is XState logic. Its ready value is the running actor. */
export interface LogicServiceOptions<Declared, Schema, Logic extends AnyActorLogic, Receive>
  extends CommonServiceOptions<
    Declared,
    Schema,
    Receive & Receivers<Context<Declared, ConfigOf<Schema>>>
  > {
  /** Ready as soon as this holds for a snapshot. @default when it was started */
  readonly ready?: (snapshot: SnapshotFrom<NoInfer<Logic>>) => boolean;
  /** Health checks by name; `actor` is the running actor of the logic. */
  readonly health?: HealthChecks<
    (
      ctx: Context<Declared, ConfigOf<Schema>>,
      actor: ActorRefFrom<NoInfer<Logic>>,
    ) => HealthAnswer | Promise<HealthAnswer>
  >;
  /** Merged with `{ ctx }` into the input of the actor. */
  readonly input?: LogicInput<NoInfer<Logic>>;
  /** The same as the last argument. */
  readonly run?: Logic;
}

/** `ctx` is given by Daruma. */
type LogicInput<Logic> =
  unknown extends InputFrom<Logic>
    ? Readonly<Record<string, unknown>>
    : Omit<InputFrom<Logic>, 'ctx'>;
