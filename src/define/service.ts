import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ActorRefFrom, AnyActorLogic } from 'xstate';
import type { Context } from './context.ts';
import type { ServiceDefinition } from './definition.ts';
import { isLogic } from './logic.ts';
import type { ValidName } from './names.ts';
import type { Needs } from './needs.ts';
import type { MessagesFrom } from './receivers.ts';
import { recorded } from './recorded.ts';
import type {
  Body,
  LogicServiceOptions,
  ReadyFrom,
  ReadyMode,
  ServiceOptions,
} from './service-options.ts';

/**
 * The type itself, but not a place to infer it from: what is expected of a definition where it stands
 * (in a list of children anything will do) says nothing about what it is.
 */
type Found<Type> = [Type] extends [infer Same] ? Same : never;

/**
 * Defines a service: a function, an object of hooks, or any XState v5 logic. It only records what
 * it is given; everything that is wrong is reported at once when the whole tree is compiled.
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
export function service<
  const Name extends string,
  Declared extends Needs = Record<never, never>,
  Schema extends StandardSchemaV1 | undefined = undefined,
  Mode extends ReadyMode = 'immediate',
  Started = undefined,
  Input = unknown,
  Receive = Record<never, never>,
>(
  name: ValidName<Name>,
  options: ServiceOptions<Declared, Schema, Mode, Started, Receive, Input>,
  body?: Body<Declared, Schema, Mode, Started, Input>,
): ServiceDefinition<Name, Found<ReadyFrom<Mode, Started>>, MessagesFrom<Receive>, Input>;
export function service<const Name extends string>(
  name: ValidName<Name>,
  body: (ctx: Context) => unknown,
): ServiceDefinition<Name, undefined, Record<never, never>>;
export function service<const Name extends string, Logic extends AnyActorLogic>(
  name: ValidName<Name>,
  body: Logic,
): ServiceDefinition<Name, ActorRefFrom<Logic>, Record<never, never>>;
export function service<
  const Name extends string,
  Logic extends AnyActorLogic,
  Declared extends Needs = Record<never, never>,
  Schema extends StandardSchemaV1 | undefined = undefined,
  Receive = Record<never, never>,
>(
  name: ValidName<Name>,
  options: LogicServiceOptions<Declared, Schema, Logic, Receive> & { readonly run: Logic },
): ServiceDefinition<Name, ActorRefFrom<Logic>, MessagesFrom<Receive>>;
export function service<
  const Name extends string,
  Logic extends AnyActorLogic,
  Declared extends Needs = Record<never, never>,
  Schema extends StandardSchemaV1 | undefined = undefined,
  Receive = Record<never, never>,
>(
  name: ValidName<Name>,
  options: LogicServiceOptions<Declared, Schema, Logic, Receive>,
  body: Logic,
): ServiceDefinition<Name, ActorRefFrom<Logic>, MessagesFrom<Receive>>;
export function service(name: string, second: unknown, third?: unknown): ServiceDefinition {
  const isBody = typeof second === 'function' || isLogic(second);
  const options = isBody ? {} : recorded(second);
  return Object.freeze({ kind: 'service', name, options, body: isBody ? second : third });
}
