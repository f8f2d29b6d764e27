import type { GroupBattery } from './battery.ts';

/**
 * What `service()` records. It is inert: nothing is checked or started before the whole tree is
 * compiled. The type carries the literal name, the type of the value that dependants receive, the
 * messages that it takes, and the input of a dynamic child.
 */
export interface ServiceDefinition<
  Name extends string = string,
  Ready = unknown,
  Messages = unknown,
  Input = unknown,
> {
  readonly kind: 'service';
  readonly name: Name;
  /** The options as given. */
  readonly options: unknown;
  /** The body as given as the last argument: a function or XState logic. */
  readonly body: unknown;
  /** For the compiler only; never there at run time. */
  readonly __types?: { readonly ready: Ready; readonly messages: Messages; readonly input: Input };
}

/** What `supervisor()` records. The type carries the map of all paths below it. */
export interface SupervisorDefinition<
  Name extends string = string,
  Tree = unknown,
  Template = unknown,
> {
  readonly kind: 'supervisor';
  readonly name: Name;
  /** The options as given. */
  readonly options: unknown;
  /** The children as given, in start order. */
  readonly children: unknown;
  /** Where Daruma brings it along with its children. */
  readonly battery?: GroupBattery;
  /** For the compiler only; never there at run time. */
  readonly __types?: { readonly tree: Tree; readonly template: Template };
}

export type AnyService = ServiceDefinition;
export type AnySupervisor = SupervisorDefinition;
export type AnyDefinition = AnyService | AnySupervisor;

/** The type of the value that dependants of a definition receive; `undefined` for supervisors. */
export type ReadyOf<Definition> =
  Definition extends ServiceDefinition<string, infer Ready> ? Ready : undefined;

/** The messages of a definition: `{ ping: { payload: Ping; reply: Pong } }`. */
export type MessagesOf<Definition> =
  Definition extends ServiceDefinition<string, unknown, infer Messages> ? Messages : never;

/** The type of `ctx.input`. */
export type InputOf<Definition> =
  Definition extends ServiceDefinition<string, unknown, unknown, infer Input> ? Input : unknown;

/** Whether a value came from `service()` or `supervisor()`, of this copy of the package or another. */
export function isDefinition(value: unknown): value is AnyDefinition {
  if (typeof value !== 'object' || value === null) return false;
  const { kind } = value as { kind?: unknown };
  return (kind === 'service' || kind === 'supervisor') && 'name' in value && 'options' in value;
}
