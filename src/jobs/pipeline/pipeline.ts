import { parseDuration } from '../../../actors/rules/duration.ts';
import type { Battery, GroupBattery } from '../../define/battery.ts';
import type { AnyDefinition, AnyService } from '../../define/definition.ts';
import type { ValidName } from '../../define/names.ts';
import { isPlain, recorded } from '../../define/recorded.ts';
import { supervisor } from '../../define/supervisor.ts';
import type { HandlerDesign, PipelineDesign, RouteKey, Rule } from './design.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import type { PipelineOfProducers, Producer } from './pipeline-types.ts';
import { pipelineBattery } from './read-pipeline.ts';
import { consumerBattery, handlerBattery } from './read-station.ts';
import { routerBattery } from './router.ts';
import { shutdownBattery } from './shutdown.ts';
import { sourceBattery } from './source.ts';

/**
 * Defines a pipeline: producers put items in, handlers make results of those that are for them, and
 * every consumer gets every result. Each of these is a supervised child of its own, so that one that
 * fails is restarted alone while what waits for it keeps waiting.
 *
 * ```ts
 * pipeline('orders', { maxInFlight: 100 })
 *   .producer('webhooks', fromHttp({ port: 8080, path: '/orders', payload: orderSchema }))
 *   .router('type')
 *   .on('created', { needs: { bank } }, async (order, ctx) => charge(ctx.needs.bank, order))
 *   .fallback('other', (order, ctx) => ctx.log.warn({ order }, 'nobody knows what this is'))
 *   .consumer('store', { needs: { database } }, async (receipt, ctx) => save(ctx.needs.database, receipt));
 * ```
 *
 * Each call returns another definition; the last one goes into the tree. Consumers start first, then
 * handlers, then producers; it stops the other way round, after `onShutdown`.
 */
export function pipeline<const Name extends string>(
  name: ValidName<Name>,
  options: PipelineOptions = {},
): PipelineOfProducers<Name, never, never, never, undefined> {
  const built = new Pipeline({ name, options: recorded(options), ...nothing });
  return built as unknown as PipelineOfProducers<Name, never, never, never, undefined>;
}

/** One part as it was given. */
interface Given {
  readonly name: string;
  readonly options: unknown;
  readonly body: unknown;
}

interface Recorded {
  readonly name: string;
  readonly options: unknown;
  readonly key: RouteKey;
  readonly producers: readonly Given[];
  readonly handlers: readonly (Given & { readonly rule: Rule })[];
  readonly consumers: readonly Given[];
}

const nothing = { key: undefined, producers: [], handlers: [], consumers: [] } as const;

/** Records what it is given, as `supervisor()` does. */
class Pipeline {
  readonly kind = 'supervisor';
  readonly name: string;
  readonly options: unknown;
  readonly children: readonly AnyDefinition[];
  readonly battery: GroupBattery;
  readonly #recorded: Recorded;

  constructor(given: Recorded) {
    const { name, options, key, producers, handlers, consumers } = given;
    const design: PipelineDesign = Object.freeze({
      key,
      handlers: handlers.map(({ name: own, rule }): HandlerDesign => ({ name: own, rule })),
      consumers: consumers.map(({ name: own }) => own),
    });
    this.#recorded = given;
    this.name = name;
    this.options = options;
    this.battery = pipelineBattery(design, producers.length);
    this.children = childrenOf(given, design);
    Object.freeze(this);
  }

  producer(name: string, ...rest: readonly unknown[]): Pipeline {
    return this.#with({ producers: [...this.#recorded.producers, givenOf(name, rest)] });
  }

  router(key: RouteKey): Pipeline {
    return this.#with({ key });
  }

  on(name: string, ...rest: readonly unknown[]): Pipeline {
    const given = givenOf(name, rest);
    const { ids = [name], ...options } = (isPlain(given.options) ? given.options : {}) as {
      readonly ids?: readonly string[];
    };
    const kept = isPlain(given.options) ? options : given.options;
    return this.#handler({ ...given, options: kept, rule: { kind: 'id', ids } });
  }

  when(
    name: string,
    matches: (payload: unknown) => boolean,
    ...rest: readonly unknown[]
  ): Pipeline {
    return this.#handler({ ...givenOf(name, rest), rule: { kind: 'when', matches } });
  }

  always(name: string, ...rest: readonly unknown[]): Pipeline {
    return this.#handler({ ...givenOf(name, rest), rule: { kind: 'always' } });
  }

  fallback(name: string, ...rest: readonly unknown[]): Pipeline {
    return this.#handler({ ...givenOf(name, rest), rule: { kind: 'fallback' } });
  }

  consumer(name: string, ...rest: readonly unknown[]): Pipeline {
    return this.#with({ consumers: [...this.#recorded.consumers, givenOf(name, rest)] });
  }

  #handler(handler: Recorded['handlers'][number]): Pipeline {
    return this.#with({ handlers: [...this.#recorded.handlers, handler] });
  }

  #with(change: Partial<Recorded>): Pipeline {
    return new Pipeline({ ...this.#recorded, ...change });
  }
}

/** Options are left out, or come before the body. */
function givenOf(name: string, rest: readonly unknown[]): Given {
  return rest.length > 1
    ? { name, options: recorded(rest[0]), body: rest[1] }
    : { name, options: {}, body: rest[0] };
}

function childrenOf(given: Recorded, design: PipelineDesign): readonly AnyDefinition[] {
  const { options, producers, handlers, consumers } = given;
  const { onShutdown, shutdownWithin, whenProducersEnd } = (
    isPlain(options) ? options : {}
  ) as PipelineOptions;
  // What is wrong with it is said where the pipeline is read.
  const stopWithin = parseDuration(shutdownWithin) ?? 5_000;
  const limit = onShutdown === undefined ? {} : { stopWithin };
  const isEndless = whenProducersEnd === 'stay' || producers.some(isPermanent);
  const children = [
    part('router', limit, routerBattery(design, onShutdown)),
    ...group('consumers', consumers, (consumer, index) =>
      part(consumer.name, consumer.options, consumerBattery(index, consumer.body)),
    ),
    ...group('handlers', handlers, ({ rule, ...handler }, index) =>
      part(handler.name, handler.options, handlerBattery(index, rule, handler.body)),
    ),
    ...group('producers', producers, (producer) => producerPart(producer, isEndless), isEndless),
    ...(onShutdown === undefined ? [] : [part('shutdown', limit, shutdownBattery)]),
  ];
  return Object.freeze(children);
}

/** All of a kind start and stop together. Producers end together, and with them the pipeline. */
function group<Each>(
  name: string,
  given: readonly Each[],
  make: (each: Each, index: number) => AnyService,
  isEndless = true,
): AnyDefinition[] {
  if (given.length === 0) return [];
  const end = isEndless
    ? ({} as const)
    : ({ restart: 'transient', significant: true, autoShutdown: 'all-significant' } as const);
  return [supervisor(name as 'group', { start: 'parallel', ...end }, given.map(make))];
}

function producerPart({ name, options, body }: Given, isEndless: boolean): AnyService {
  const base = isEndless ? { restart: 'transient' } : { restart: 'transient', significant: true };
  const isKind = (body as Partial<Producer> | null | undefined)?.kind === 'producer';
  const { battery, options: own } = isKind
    ? (body as Producer)
    : { battery: sourceBattery(body), options: {} };
  return part(name, isPlain(options) ? { ...base, ...own, ...options } : options, battery);
}

function isPermanent({ options }: Given): boolean {
  return isPlain(options) && options.restart === 'permanent';
}

function part(name: string, options: unknown, body: Battery): AnyService {
  return Object.freeze({ kind: 'service', name, options: recorded(options), body });
}
