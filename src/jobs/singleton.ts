import type { Duration } from '../../actors/rules/duration.ts';
import type { Battery } from '../define/battery.ts';
import type { Context } from '../define/context.ts';
import { type AnyDefinition, isDefinition, type ServiceDefinition } from '../define/definition.ts';
import type { ValidName } from '../define/names.ts';
import type { Needs } from '../define/needs.ts';
import type { OptionReader } from '../define/option-reader.ts';
import type { CommonServiceOptions } from '../define/options.ts';
import { isPlain, recorded } from '../define/recorded.ts';
import { show } from '../define/show.ts';
import { checkStop, readTerms, usualStopMs } from './lease-terms.ts';
import { LiveSingleton, type Make, type Singleton } from './singleton-life.ts';

/** Options of a singleton, beside those of every service. */
export interface SingletonOptions
  extends Omit<
    CommonServiceOptions<Needs, undefined, never>,
    'config' | 'receive' | 'mailbox' | 'whileDown' | 'watchdog'
  > {
  /**
   * How long after a crash of the replica that has it another one takes over. Renewed at a third.
   *
   * @default '15s'
   */
  readonly lease?: Duration;
  /**
   * So long before the lease can run out, what it is for is stopped; it is cut off when that takes
   * longer. Not more than half of the lease. @default a third of the lease
   */
  readonly margin?: Duration;
}

type Nothing = Record<never, never>;

/**
 * Runs a definition in one replica of a program at a time: in the one that has the lease, for which
 * all that share a storage compete. What is given runs as a child, at `<name>/<its name>`, only while
 * the lease is held; the others stand by, healthy and ready.
 *
 * ```ts
 * singleton(service('billing', { needs: { database } }, bill));
 * singleton('billing', (lease) =>
 *   service('run', async (ctx) => {
 *     await ctx.storage.transaction((tx) => tx.set('last', ctx.now()), { lease });
 *   }),
 * );
 * ```
 *
 * It stops after what it runs, and gives the lease back, so that another replica has it at once.
 */
export function singleton<const Inner extends AnyDefinition>(
  definition: Inner,
  options?: SingletonOptions,
): ServiceDefinition<Inner['name'], Singleton, Nothing>;
export function singleton<const Name extends string>(
  name: ValidName<Name>,
  make: Make,
): ServiceDefinition<Name, Singleton, Nothing>;
export function singleton<const Name extends string>(
  name: ValidName<Name>,
  options: SingletonOptions,
  make: Make,
): ServiceDefinition<Name, Singleton, Nothing>;
export function singleton(first: unknown, second?: unknown, third?: unknown): ServiceDefinition {
  if (isDefinition(first)) return defined(first.name, takingOver(first, second), relieved(first));
  const isMake = typeof second === 'function';
  return defined(first as string, isMake ? {} : second, isMake ? second : third);
}

function defined(name: string, options: unknown, inner: unknown): ServiceDefinition {
  const body = singletonBattery(inner);
  return Object.freeze({ kind: 'service', name, options: recorded(options), body });
}

/**
 * What a service needs, and its configuration, is a matter of its singleton: a replica that lacks
 * either does not compete for the lease.
 */
function takingOver({ kind, options }: AnyDefinition, own: unknown = {}): unknown {
  if (kind !== 'service' || !isPlain(options) || !isPlain(own)) return own;
  const { needs = {}, config } = options;
  const { needs: ownNeeds = {} } = own;
  return {
    ...own,
    ...(isPlain(needs) && isPlain(ownNeeds) && { needs: { ...needs, ...ownNeeds } }),
    ...(config !== undefined && { config }),
  };
}

/** Without the configuration, which it finds with its singleton. */
function relieved(definition: AnyDefinition): AnyDefinition {
  if (definition.kind !== 'service' || !isPlain(definition.options)) return definition;
  const { config: _, ...options } = definition.options;
  return Object.freeze({ ...definition, options: Object.freeze(options) });
}

function singletonBattery(inner: unknown): Battery {
  return {
    battery: 'singleton()',
    options: ['lease', 'margin'],
    misplaced: { ttl: "Did you mean 'lease'?" },
    stopWithinMs: usualStopMs,
    read(reader, readInner) {
      const terms = readTerms(reader);
      if (isDefinition(inner)) checkStop(reader, readInner(inner), inner, terms);
      else if (typeof inner !== 'function') refuseInner(reader, inner);
      const make = (isDefinition(inner) ? () => inner : inner) as Make;
      return {
        kind: 'hooks',
        start: (ctx: Context) => new LiveSingleton(ctx, terms, make),
        run: (_ctx: unknown, handle: LiveSingleton) => LiveSingleton.run(handle),
        stop: undefined,
        drain: undefined,
        ready: 'immediate',
        battery: { kind: 'singleton', policy: { ...terms } },
      };
    },
  };
}

function refuseInner({ path, faults }: OptionReader, inner: unknown): void {
  const message = `what it runs is ${show(inner)}; it must be a definition, or a function of the lease that returns one.`;
  const hint =
    "singleton(service('billing', bill)), or singleton('billing', (lease) => service(...)).";
  faults.add('DARUMA_INVALID_BODY', path, message, { hint });
}
