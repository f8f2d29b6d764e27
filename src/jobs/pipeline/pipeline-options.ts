import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../../../actors/rules/duration.ts';
import type { RestartType } from '../../../actors/rules/restart.ts';
import type { WhenExhausted } from '../../../actors/rules/roster.ts';
import type { Context } from '../../define/context.ts';
import type { Needs } from '../../define/needs.ts';
import type { CommonServiceOptions, ItemOptions } from '../../define/options.ts';
import type { ConfigOf } from '../../define/service-options.ts';
import type { RunRetryOptions } from '../../services/schedules/options.ts';
import type { ItemContext } from './item-context.ts';
import type { LineOverflow } from './line.ts';

type Schemas = StandardSchemaV1 | undefined;

/** Options of a pipeline. */
export interface PipelineOptions extends Omit<ItemOptions<StandardSchemaV1>, 'restart'> {
  /** As of every service. One whose producers have all ended has ended normally. @default 'transient' */
  readonly restart?: RestartType;
  /**
   * How many items may be on their way at once: taken in, and not yet done with by everything that
   * they and their results are for. Then producers wait. Minimum: 1. @default 1024
   */
  readonly maxInFlight?: number;
  /**
   * Called once when the pipeline goes down, for whatever reason, before any part of it is asked to
   * stop; awaited.
   */
  readonly onShutdown?: (ctx: Context) => unknown;
  /** What `onShutdown` may take. Then the stop goes on, and it is reported. @default '5s' */
  readonly shutdownWithin?: Duration;
  /**
   * When all producers have ended normally: `end` ends the pipeline, `stay` keeps handlers and
   * consumers up. With a producer that is `permanent` it always stays. @default 'end'
   */
  readonly whenProducersEnd?: 'end' | 'stay';
  /**
   * How many restarts one `period` allows in each group: producers, handlers, consumers.
   *
   * @default 20 for each of its parts
   */
  readonly intensity?: number;
  /** @default '1m' */
  readonly period?: Duration;
  /**
   * A group whose budget is exhausted ends the pipeline, or leaves the culprit `failed` and
   * everything else running. @default 'escalate'
   */
  readonly whenExhausted?: WhenExhausted;
  /** The deadline for its whole stop. @default none, 'infinity' */
  readonly stopWithin?: Duration | 'infinity';
}

type PartOptions<Declared, Schema> = Omit<
  CommonServiceOptions<Declared, Schema, never>,
  'receive' | 'mailbox' | 'whileDown' | 'watchdog' | 'significant'
>;

/** Options of a producer, beside those of services. It is `transient` where they do not say. */
export interface ProducerOptions<Declared extends Needs = Needs, Schema extends Schemas = Schemas>
  extends PartOptions<Declared, Schema> {
  /**
   * What an observable emits while there is no room: so many items wait. Iterables are not asked
   * meanwhile, and need none. Minimum: 1. @default 1000
   */
  readonly buffer?: number | 'infinity';
  /**
   * When an observable emits one more: the one that waits longest goes, the new one goes, or the
   * producer fails with `DARUMA_BUFFER_FULL`. @default 'drop-oldest'
   */
  readonly overflow?: Exclude<LineOverflow, 'wait'>;
}

/** What handlers and consumers have in common, beside the options of services. */
interface StationOptions<Declared extends Needs, Schema extends Schemas, Payload>
  extends PartOptions<Declared, Schema> {
  /**
   * What one attempt may take. Then its signal is cancelled, and it has failed; one that has not ended
   * after the `stopWithin` of the service is not waited for. @default no limit
   */
  readonly timeout?: Duration;
  /** How often it is tried: see `onError`. */
  readonly retry?: RunRetryOptions;
  /**
   * What an error does once all attempts have failed. `report`: the item has failed, and everything
   * else goes on. `fail`: every failed attempt fails the service, which is restarted and begins with
   * the same again, as often as `retry` says. A function: called with the error, to keep the item
   * somewhere; one that throws fails the service.
   */
  readonly onError?:
    | 'report'
    | 'fail'
    | ((error: unknown, ctx: ItemContext<Declared, ConfigOf<Schema>, Payload>) => unknown);
}

/** Options of a handler. One attempt and `onError: 'report'` where they do not say. */
export interface HandlerOptions<
  Declared extends Needs = Needs,
  Schema extends Schemas = Schemas,
  Payload = unknown,
> extends StationOptions<Declared, Schema, Payload> {
  /** How many items it handles at once. Minimum: 1. @default 'infinity', as many as are in flight */
  readonly concurrency?: number | 'infinity';
}

/** Options of a handler by id. */
export interface RouteOptions<
  Id extends string = string,
  Declared extends Needs = Needs,
  Schema extends Schemas = Schemas,
  Payload = unknown,
> extends HandlerOptions<Declared, Schema, Payload> {
  /** The ids that it is for. @default its name */
  readonly ids?: readonly Id[];
}

/** Options of a consumer. Five attempts and `onError: 'fail'` where they do not say. */
export interface ConsumerOptions<
  Declared extends Needs = Needs,
  Schema extends Schemas = Schemas,
  Payload = unknown,
> extends StationOptions<Declared, Schema, Payload> {
  /** How many results it consumes at once; one keeps them in order. Minimum: 1. @default 1 */
  readonly concurrency?: number | 'infinity';
  /** How many results may wait for it, also while it is down. Minimum: 1. @default 1000 */
  readonly buffer?: number | 'infinity';
  /**
   * When there is one more: handlers wait, and with them in the end the producers; the one that waits
   * longest goes; the new one goes; or the consumer fails with `DARUMA_BUFFER_FULL` and the new one
   * goes. @default 'wait'
   */
  readonly overflow?: LineOverflow;
}
