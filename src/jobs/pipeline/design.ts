/** Which items a handler is for. */
export type Rule =
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  | { readonly kind: 'when'; readonly matches: (payload: unknown) => boolean }
  | { readonly kind: 'always' }
  | { readonly kind: 'fallback' };

export interface HandlerDesign {
  readonly name: string;
  readonly rule: Rule;
}

/** What says the id of an item: the name of one of its properties, or a function. */
export type RouteKey =
  | string
  | ((payload: unknown, info: { readonly producer: string }) => unknown)
  | undefined;

/** What of a pipeline its parts share. */
export interface PipelineDesign {
  readonly key: RouteKey;
  /** In the order in which they were given. */
  readonly handlers: readonly HandlerDesign[];
  readonly consumers: readonly string[];
}

/** The id of an item; undefined: nothing says it. */
export function routeOf({ key }: PipelineDesign, payload: unknown, producer: string) {
  if (key === undefined) return undefined;
  const route =
    typeof key === 'function'
      ? key(payload, { producer })
      : (payload as Readonly<Record<string, unknown>> | null | undefined)?.[key];
  return route === undefined || route === null ? undefined : String(route);
}

/**
 * The handlers of an item: those whose id it has, those whose predicate holds, and those for
 * everything. Where there is none of these, the fallbacks.
 */
export function matchesOf(
  { handlers }: PipelineDesign,
  payload: unknown,
  route: string | undefined,
): number[] {
  const matches: number[] = [];
  const fallbacks: number[] = [];
  for (const [order, { rule }] of handlers.entries()) {
    if (rule.kind === 'fallback') fallbacks.push(order);
    else if (isFor(rule, payload, route)) matches.push(order);
  }
  return matches.length > 0 ? matches : fallbacks;
}

function isFor(rule: Exclude<Rule, { kind: 'fallback' }>, payload: unknown, route?: string) {
  switch (rule.kind) {
    case 'always':
      return true;
    case 'when':
      return Boolean(rule.matches(payload));
    case 'id':
      return route !== undefined && rule.ids.includes(route);
  }
}
