import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../../actors/rules/duration.ts';
import type {
  AutoShutdown,
  StartOrder,
  Strategy,
  WhenExhausted,
} from '../../actors/rules/roster.ts';
import type { AnyDefinition, SupervisorDefinition } from './definition.ts';
import type { ValidName } from './names.ts';
import type { ItemOptions } from './options.ts';
import { recorded } from './recorded.ts';
import type { DynamicTree, StaticTree } from './tree.ts';

interface CommonSupervisorOptions extends ItemOptions<StandardSchemaV1> {
  /**
   * How many restarts one `period` allows, over all items; one more exhausts the budget.
   *
   * @default 20 for each item; dynamic: 20 for each live child
   */
  readonly intensity?: number;
  /** The length of the sliding window, both edges inside. @default '1m' */
  readonly period?: Duration;
  /**
   * An exhausted budget ends the supervisor with `RestartLimitExceeded`, or leaves the culprit
   * `failed` and everything else running.
   *
   * @default 'escalate'
   */
  readonly whenExhausted?: WhenExhausted;
  /**
   * Whether significant items that ended by themselves end the supervisor: at the first such end, or
   * when none is left. @default 'never'
   */
  readonly autoShutdown?: AutoShutdown;
  /**
   * The deadline for the stop of its whole subtree, from the moment the stop is requested.
   *
   * @default none, 'infinity'
   */
  readonly stopWithin?: Duration | 'infinity';
}

export interface SupervisorOptions extends CommonSupervisorOptions {
  /**
   * Which items a failure takes along: only itself, all, or itself and those after it.
   *
   * @default 'one-for-one'
   */
  readonly strategy?: Exclude<Strategy, 'dynamic'>;
  /**
   * `sequential`: one after the other, each ready before the next. `parallel`: all at once, where
   * only `needs` give an order. Stop is the exact inverse.
   *
   * @default 'sequential'
   */
  readonly start?: StartOrder;
}

export interface DynamicOptions<Template extends AnyDefinition> extends CommonSupervisorOptions {
  /** Its children are copies of a template, started by calls. They start and stop independently. */
  readonly strategy: 'dynamic';
  /** The base of every child. Its own name does not matter. */
  readonly template: Template;
  /** How many children there may be at a time, those in backoff included. @default no limit */
  readonly maxChildren?: number;
}

/**
 * Defines a supervisor: it starts its children in order, restarts what fails, and stops them in
 * reverse order. It only records what it is given; everything that is wrong is reported when the
 * whole tree is compiled.
 *
 * ```ts
 * supervisor('app', { strategy: 'rest-for-one' }, [database, feed]);
 * supervisor('pool', { strategy: 'dynamic', template: worker, maxChildren: 100 });
 * ```
 */
export function supervisor<
  const Name extends string,
  const Children extends readonly AnyDefinition[],
>(
  name: ValidName<Name>,
  children: Children,
): SupervisorDefinition<Name, StaticTree<Name, Children>>;
export function supervisor<const Name extends string, Template extends AnyDefinition>(
  name: ValidName<Name>,
  options: DynamicOptions<Template>,
): SupervisorDefinition<Name, DynamicTree<Name, Template>, Template>;
export function supervisor<
  const Name extends string,
  const Children extends readonly AnyDefinition[],
>(
  name: ValidName<Name>,
  options: SupervisorOptions,
  children: Children,
): SupervisorDefinition<Name, StaticTree<Name, Children>>;
export function supervisor(name: string, second: unknown, third?: unknown): SupervisorDefinition {
  const isList = Array.isArray(second);
  return Object.freeze({
    kind: 'supervisor',
    name,
    options: isList ? {} : recorded(second),
    children: recorded(isList ? second : third),
  });
}
