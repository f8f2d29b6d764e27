import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ObservableInput, ObservedValueOf, Subscribable } from 'rxjs';
import type { Battery } from '../../define/battery.ts';
import type { Context } from '../../define/context.ts';
import type {
  AnyDefinition,
  ServiceDefinition,
  SupervisorDefinition,
} from '../../define/definition.ts';
import type { ValidName } from '../../define/names.ts';
import type { Needs } from '../../define/needs.ts';
import type { ConfigOf } from '../../define/service-options.ts';
import type { ItemContext } from './item-context.ts';
import type {
  ConsumerOptions,
  HandlerOptions,
  ProducerOptions,
  RouteOptions,
} from './pipeline-options.ts';
import type { PipelineState } from './router.ts';

type Nothing = Record<never, never>;
type Schemas = StandardSchemaV1 | undefined;

/** A producer that Daruma brings along: `fromHttp()`, `fromEvery()`. */
export interface Producer<Item = unknown, Ready = undefined, Options extends object = object> {
  readonly kind: 'producer';
  /** Makes its body. */
  readonly battery: Battery;
  /** Options of its own beside those of services. */
  readonly options: Readonly<Record<string, unknown>>;
  /** For the compiler only; never there at run time. */
  readonly __types?: { readonly item: Item; readonly ready: Ready; readonly options: Options };
}

/** Where items come from. What ends, ends its producer; what fails, fails it. */
export type Source<Item = unknown> = AsyncIterable<Item> | Iterable<Item> | Subscribable<Item>;

/** What a producer is given: a source, or a function of the context that gives it. */
export type SourceLike<Declared, Config> =
  | Source
  | ((ctx: Context<Declared, Config, undefined>) => Source | Promise<Source>);

type ItemOfSource<Given> =
  Given extends AsyncIterable<infer Item>
    ? Item
    : Given extends Iterable<infer Item>
      ? Item
      : Given extends ObservableInput<unknown>
        ? ObservedValueOf<Given>
        : never;

/** What a producer with this source puts in. */
export type ItemOf<Given> = Given extends (...args: never) => infer Made
  ? ItemOfSource<Awaited<Made>>
  : ItemOfSource<Given>;

/** What consumers get of what a handler returns. */
// biome-ignore lint/suspicious/noConfusingVoidType: what a function without return returns.
export type ResultOf<Returned> = Exclude<Awaited<Returned>, undefined | void>;

/** What says the id: nothing, a property of the items, or a function with these answers. */
export type AnyKey =
  | undefined
  | { readonly property: string }
  | { readonly answer: string | number | undefined };

type KeysOf<Item> = Item extends unknown ? keyof Item & string : never;
type TextOf<Value> = Value extends string | number | boolean ? `${Value}` : never;

/** The ids that there may be. */
export type IdsOf<Item, Key> = Key extends { readonly property: infer Property extends string }
  ? Item extends Readonly<Record<Property, infer Value>>
    ? TextOf<Value>
    : never
  : Key extends { readonly answer: infer Answer }
    ? TextOf<Answer>
    : string;

/** The items that have an id. */
export type ItemsWith<Item, Key, Id extends string> = Key extends {
  readonly property: infer Property extends string;
}
  ? Item extends Readonly<Record<Property, infer Value>>
    ? Id extends TextOf<Value>
      ? Item
      : never
    : never
  : Item;

/** `[path below the pipeline, definition]` of its parts. */
export type AnyPart = readonly [path: string, definition: AnyDefinition];

type Part<Group extends string, Name extends string, Ready = undefined> =
  | readonly [Group, SupervisorDefinition<Group>]
  | readonly [`${Group}/${Name}`, ServiceDefinition<Name, Ready, Nothing>];

export type PipelineTree<Name extends string, Parts extends AnyPart> = {
  readonly [Entry in
    | readonly [Name, SupervisorDefinition<Name>]
    | readonly [`${Name}/router`, ServiceDefinition<'router', PipelineState, Nothing>]
    | Below<Name, Parts> as Entry[0]]: Entry[1];
};

type Below<Name extends string, Parts extends AnyPart> = Parts extends readonly [
  infer Path extends string,
  infer Definition,
]
  ? readonly [`${Name}/${Path}`, Definition]
  : never;

/** What a handler is: its result goes to all consumers, undefined to nobody. */
export type Handler<Payload, Declared, Config, Returned> = (
  payload: Payload,
  ctx: ItemContext<Declared, Config, Payload>,
) => Returned;

/** What a consumer is. What it returns is awaited and dropped. */
export type Consumer<Result, Declared, Config, Item> = (
  result: Result,
  ctx: ItemContext<Declared, Config, Item>,
) => unknown;

/** A pipeline to which producers may still be added: what flows through it is not settled yet. */
export interface PipelineOfProducers<
  Name extends string,
  Item,
  Result,
  Parts extends AnyPart,
  Key extends AnyKey,
> extends PipelineOfHandlers<Name, Item, Result, Parts, Key> {
  /**
   * Adds a producer: an observable, an iterable, or a function that gives one; or one that Daruma
   * brings along. When its source ends, so does it, once its items are through; when that fails, it
   * is restarted with backoff.
   */
  producer<const Own extends string, New, Ready, Options extends object>(
    name: ValidName<Own>,
    producer: Producer<New, Ready, Options>,
  ): PipelineOfProducers<Name, Item | New, Result, Parts | Part<'producers', Own, Ready>, Key>;
  producer<
    const Own extends string,
    New,
    Ready,
    Options extends object,
    Declared extends Needs = Nothing,
    Schema extends Schemas = undefined,
  >(
    name: ValidName<Own>,
    options: Omit<ProducerOptions<Declared, Schema>, 'buffer' | 'overflow'>,
    producer: Producer<New, Ready, Options>,
  ): PipelineOfProducers<Name, Item | New, Result, Parts | Part<'producers', Own, Ready>, Key>;
  producer<const Own extends string, Given extends SourceLike<Nothing, unknown>>(
    name: ValidName<Own>,
    source: Given,
  ): PipelineOfProducers<Name, Item | ItemOf<Given>, Result, Parts | Part<'producers', Own>, Key>;
  producer<
    const Own extends string,
    Given extends SourceLike<NoInfer<Declared>, ConfigOf<NoInfer<Schema>>>,
    Declared extends Needs = Nothing,
    Schema extends Schemas = undefined,
  >(
    name: ValidName<Own>,
    options: ProducerOptions<Declared, Schema>,
    source: Given,
  ): PipelineOfProducers<Name, Item | ItemOf<Given>, Result, Parts | Part<'producers', Own>, Key>;
  /**
   * Says the id of an item, for `.on(id, ...)`: the name of one of its properties, or a function. An
   * id is text; without one an item is for none of those handlers.
   */
  router<const Property extends KeysOf<Item>>(
    key: Property,
  ): PipelineOfHandlers<Name, Item, Result, Parts, { readonly property: Property }>;
  router<const Answer extends string | number | undefined>(
    key: (payload: Item, info: { readonly producer: string }) => Answer,
  ): PipelineOfHandlers<Name, Item, Result, Parts, { readonly answer: Answer }>;
}

/** A pipeline of which it is settled what flows through it. */
export interface PipelineOfHandlers<
  Name extends string,
  Item,
  Result,
  Parts extends AnyPart,
  Key extends AnyKey,
> extends PipelineDefinition<Name, Item, Result, Parts> {
  /** Adds a handler for the items with an id: its name, or those in its options. */
  on<const Own extends IdsOf<Item, Key>, Returned>(
    id: ValidName<Own>,
    handler: Handler<ItemsWith<Item, Key, Own>, Nothing, unknown, Returned>,
  ): Handled<Name, Item, Result | ResultOf<Returned>, Parts | Part<'handlers', Own>, Key>;
  on<
    const Own extends string,
    Returned,
    const Id extends IdsOf<Item, Key> = Own & IdsOf<Item, Key>,
    Declared extends Needs = Nothing,
    Schema extends Schemas = undefined,
  >(
    name: ValidName<Own>,
    options: RouteOptions<Id, Declared, Schema, NoInfer<ItemsWith<Item, Key, Id>>>,
    handler: Handler<
      ItemsWith<Item, Key, NoInfer<Id>>,
      NoInfer<Declared>,
      ConfigOf<NoInfer<Schema>>,
      Returned
    >,
  ): Handled<Name, Item, Result | ResultOf<Returned>, Parts | Part<'handlers', Own>, Key>;
  /** Adds a handler for the items for which a predicate holds. */
  when<const Own extends string, Some extends Item, Returned>(
    name: ValidName<Own>,
    matches: (payload: Item) => payload is Some,
    handler: Handler<Some, Nothing, unknown, Returned>,
  ): Handled<Name, Item, Result | ResultOf<Returned>, Parts | Part<'handlers', Own>, Key>;
  when<const Own extends string, Returned>(
    name: ValidName<Own>,
    matches: (payload: Item) => boolean,
    handler: Handler<Item, Nothing, unknown, Returned>,
  ): Handled<Name, Item, Result | ResultOf<Returned>, Parts | Part<'handlers', Own>, Key>;
  when<
    const Own extends string,
    Some extends Item,
    Returned,
    Declared extends Needs = Nothing,
    Schema extends Schemas = undefined,
  >(
    name: ValidName<Own>,
    matches: ((payload: Item) => payload is Some) | ((payload: Item) => boolean),
    options: HandlerOptions<Declared, Schema, Some>,
    handler: Handler<Some, NoInfer<Declared>, ConfigOf<NoInfer<Schema>>, Returned>,
  ): Handled<Name, Item, Result | ResultOf<Returned>, Parts | Part<'handlers', Own>, Key>;
  /** Adds a handler for every item. */
  always: AddHandler<Name, Item, Result, Parts, Key>;
  /** Adds a handler for the items that no other handler is for. */
  fallback: AddHandler<Name, Item, Result, Parts, Key>;
}

interface AddHandler<Name extends string, Item, Result, Parts extends AnyPart, Key extends AnyKey> {
  <const Own extends string, Returned>(
    name: ValidName<Own>,
    handler: Handler<Item, Nothing, unknown, Returned>,
  ): Handled<Name, Item, Result | ResultOf<Returned>, Parts | Part<'handlers', Own>, Key>;
  <
    const Own extends string,
    Returned,
    Declared extends Needs = Nothing,
    Schema extends Schemas = undefined,
  >(
    name: ValidName<Own>,
    options: HandlerOptions<Declared, Schema, Item>,
    handler: Handler<Item, NoInfer<Declared>, ConfigOf<NoInfer<Schema>>, Returned>,
  ): Handled<Name, Item, Result | ResultOf<Returned>, Parts | Part<'handlers', Own>, Key>;
}

type Handled<
  Name extends string,
  Item,
  Result,
  Parts extends AnyPart,
  Key extends AnyKey,
> = PipelineOfHandlers<Name, Item, Result, Parts, Key>;

/** A pipeline of which it is settled what comes out of it. */
export interface PipelineDefinition<Name extends string, Item, Result, Parts extends AnyPart>
  extends SupervisorDefinition<Name, PipelineTree<Name, Parts>> {
  /** Adds a consumer: it gets every result of every handler, in the order in which they came about. */
  consumer<const Own extends string>(
    name: ValidName<Own>,
    consumer: Consumer<Result, Nothing, unknown, Item>,
  ): PipelineDefinition<Name, Item, Result, Parts | Part<'consumers', Own>>;
  consumer<
    const Own extends string,
    Declared extends Needs = Nothing,
    Schema extends Schemas = undefined,
  >(
    name: ValidName<Own>,
    options: ConsumerOptions<Declared, Schema, Item>,
    consumer: Consumer<Result, NoInfer<Declared>, ConfigOf<NoInfer<Schema>>, Item>,
  ): PipelineDefinition<Name, Item, Result, Parts | Part<'consumers', Own>>;
}
