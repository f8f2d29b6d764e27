import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ActorRefFrom, AnyActorLogic, InputFrom, SnapshotFrom } from 'xstate';
import type { Context } from './context.ts';
import type { None, ServiceDefinition } from './definition.ts';
import type { Ignore } from './ignore.ts';
import { isLogic } from './logic.ts';
import type { Manual } from './manual.ts';
import type { ValidName } from './names.ts';
import type { Needs } from './needs.ts';
import type { CommonServiceOptions } from './options.ts';
import { recorded } from './recorded.ts';

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

/** Handlers by the names of their messages. A handler may narrow the type of its payload. */
export type Receivers<Ctx> = Readonly<Record<string, Handler<Ctx>>>;
// A method's parameters are compared both ways, so that `(payload: Ping, ctx) => ...` is accepted.
type Handler<Ctx> = { handle(payload: unknown, ctx: Ctx): unknown }['handle'];

/** `{ ping: { payload: Ping; reply: Pong } }` from the handlers. */
export type MessagesFrom<Receive> = {
  readonly [Name in keyof Receive]: Receive[Name] extends (...args: infer Args) => infer Reply
    ? {
        readonly payload: Args extends [infer P, ...unknown[]] ? P : undefined;
        readonly reply: Awaited<Reply>;
      }
    : never;
};

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
  /** The input of a dynamic child that is started without one; it gives `ctx.input` its type. */
  readonly input?: Input;
}

/** A hook or body: it has the ready value where there was a `start`. */
export type Body<Declared, Schema, Mode, Started, Input> = (
  ctx: Context<Declared, ConfigOf<Schema>, NoInfer<ReadyFrom<Mode, Started>>, Input>,
  value: NoInfer<ReadyFrom<Mode, Started>>,
) => unknown;

/** A service whose body is XState logic. Its ready value is the running actor. */
export interface LogicServiceOptions<Declared, Schema, Logic extends AnyActorLogic, Receive>
  extends CommonServiceOptions<
    Declared,
    Schema,
    Receive & Receivers<Context<Declared, ConfigOf<Schema>>>
  > {
  /** Ready as soon as this holds for a snapshot. @default when it was started */
  readonly ready?: (snapshot: SnapshotFrom<NoInfer<Logic>>) => boolean;
  /** Merged with `{ ctx }` into the input of the actor. */
  readonly input?: LogicInput<NoInfer<Logic>>;
  /** The same as the last argument. */
  readonly run?: Logic;
}

type LogicInput<Logic> =
  unknown extends InputFrom<Logic>
    ? Readonly<Record<string, unknown>>
    : Omit<InputFrom<Logic>, 'ctx'>;

/**
 * Defines a service: a function, an object of hooks, or any XState v5 logic. It only records what
 * it is given; `createSystem` and `daruma check` report everything that is wrong with a tree at once.
 *
 * ```ts
 * const database = service('database', {
 *   config: v.object({ url: v.string() }),
 *   start: async (ctx) => ctx.use(await openPool(ctx.config.url)),
 * });
 *
 * const feed = service('feed', { needs: { database }, watchdog: '30s' }, async (ctx) => {
 *   for await (const row of ctx.needs.database.rows({ signal: ctx.signal })) ctx.beat();
 * });
 * ```
 *
 * With `start` and no body the service lives until it is stopped. Defaults are those of each option.
 */
export function service<const Name extends string>(
  name: ValidName<Name>,
  body: (ctx: Context) => unknown,
): ServiceDefinition<Name, undefined, None>;
export function service<const Name extends string, Logic extends AnyActorLogic>(
  name: ValidName<Name>,
  body: Logic,
): ServiceDefinition<Name, ActorRefFrom<Logic>, None>;
export function service<
  const Name extends string,
  Logic extends AnyActorLogic,
  Declared extends Needs = None,
  Schema extends StandardSchemaV1 | undefined = undefined,
  Receive = None,
>(
  name: ValidName<Name>,
  options: LogicServiceOptions<Declared, Schema, Logic, Receive> & { readonly run: Logic },
): ServiceDefinition<Name, ActorRefFrom<Logic>, MessagesFrom<Receive>>;
export function service<
  const Name extends string,
  Logic extends AnyActorLogic,
  Declared extends Needs = None,
  Schema extends StandardSchemaV1 | undefined = undefined,
  Receive = None,
>(
  name: ValidName<Name>,
  options: LogicServiceOptions<Declared, Schema, Logic, Receive>,
  body: Logic,
): ServiceDefinition<Name, ActorRefFrom<Logic>, MessagesFrom<Receive>>;
export function service<
  const Name extends string,
  Declared extends Needs = None,
  Schema extends StandardSchemaV1 | undefined = undefined,
  Mode extends ReadyMode = 'immediate',
  Started = undefined,
  Input = unknown,
  Receive = None,
>(
  name: ValidName<Name>,
  options: ServiceOptions<Declared, Schema, Mode, Started, Receive, Input>,
  body?: Body<Declared, Schema, Mode, Started, Input>,
): ServiceDefinition<Name, ReadyFrom<Mode, Started>, MessagesFrom<Receive>, Input>;
export function service(name: string, second: unknown, third?: unknown): ServiceDefinition {
  const isBody = typeof second === 'function' || isLogic(second);
  const options = isBody ? {} : recorded(second);
  return Object.freeze({ kind: 'service', name, options, body: isBody ? second : third });
}
