import {
  type AnyDefinition,
  type AnySupervisor,
  type ChildOverrides,
  service,
  supervisor,
} from '../../src/index.ts';
import { bodyOf, type Theatre } from './bodies.ts';
import { type Item, isSupervisor } from './vocabulary.ts';

/** A scenario may hold values on purpose that the types of the library refuse. */
const defineService = service as (name: unknown, options: object, body: unknown) => AnyDefinition;
const defineSupervisor = supervisor as (
  name: unknown,
  options: object,
  children: unknown,
) => AnySupervisor;

const noBackoff = { first: 0, max: 0, factor: 2, jitter: 'none', resetAfter: 0 };

/** The defaults of the README's table, whatever those of the library are. */
const childDefaults: Item = {
  restart: 'permanent',
  stopWithinMs: 5_000,
  significant: false,
  needs: [],
  onLoss: 'suspend',
  decide: 'restart',
  startWithinMs: 10_000,
};

const supervisorDefaults: Item = {
  restart: 'permanent',
  significant: false,
  intensity: 10,
  periodMs: 60_000,
  whenExhausted: 'escalate',
  autoShutdown: 'never',
  start: 'sequential',
  stopWithinMs: 'infinity',
};

type Translation = (value: never, theatre: Theatre) => object;

const childOptions: Readonly<Record<string, Translation>> = {
  restart: (restart) => ({ restart }),
  stopWithinMs: (stopWithin) => ({ stopWithin }),
  significant: (significant) => ({ significant }),
  needs: (needs: readonly string[], theatre) => ({ needs: needsOf(needs, theatre) }),
  onLoss: (onLoss) => ({ onLoss }),
  backoff: (backoff: Item) => ({ backoff: backoffOf(backoff) }),
  decide: (decision) => ({ decide: () => decision }),
  startWithinMs: (startWithin) => ({ startWithin }),
};

const supervisorOptions: Readonly<Record<string, Translation>> = {
  restart: (restart) => ({ restart }),
  significant: (significant) => ({ significant }),
  strategy: (strategy) => ({ strategy }),
  intensity: (intensity) => ({ intensity }),
  periodMs: (period) => ({ period }),
  whenExhausted: (whenExhausted) => ({ whenExhausted }),
  autoShutdown: (autoShutdown) => ({ autoShutdown }),
  start: (start) => ({ start }),
  stopWithinMs: (stopWithin) => ({ stopWithin }),
  maxChildren: (maxChildren) => ({ maxChildren }),
  template: (template: Item, theatre) => ({ template: definitionOf(template, theatre) }),
};

/** The definition of an item and everything in it. A template has no id, and needs no name. */
export function definitionOf(item: Item, theatre: Theatre): AnyDefinition {
  return isSupervisor(item) ? supervisorOf(item, theatre) : serviceOf(item, theatre);
}

export function supervisorOf(item: Item, theatre: Theatre): AnySupervisor {
  const options = translated(supervisorOptions, { ...supervisorDefaults, ...item }, theatre);
  const children = Array.isArray(item.children)
    ? item.children.map((child) => definitionOf(child, theatre))
    : item.children;
  const isDynamic = item.strategy === 'dynamic';
  return defineSupervisor(
    item.id ?? 'template',
    { backoff: noBackoff, ...options },
    children ?? (isDynamic ? undefined : []),
  );
}

function serviceOf(item: Item, theatre: Theatre): AnyDefinition {
  const options = translated(childOptions, { ...childDefaults, ...item }, theatre);
  return defineService(
    item.id ?? 'template',
    { backoff: noBackoff, ...options, ready: 'manual' },
    bodyOf(item, theatre),
  );
}

/**
 * What `startChild` of a dynamic supervisor is given: overrides of the template, with a body of its
 * own, or a whole definition where the overrides say what is inside.
 *
 * @param item the template with what is different
 */
export function addition(
  overrides: Item,
  item: Item,
  id: string | undefined,
  theatre: Theatre,
): AnyDefinition | ChildOverrides {
  if ('children' in overrides || 'template' in overrides) {
    return definitionOf({ ...item, id: id ?? 'copy' }, theatre);
  }
  const name = id === undefined ? {} : { id };
  if (isSupervisor(item)) return { ...name, ...translated(supervisorOptions, overrides, theatre) };
  const run = bodyOf(item, theatre);
  return { ...name, ...translated(childOptions, overrides, theatre), run };
}

function translated(
  options: Readonly<Record<string, Translation>>,
  item: Item,
  theatre: Theatre,
): object {
  const given = Object.entries(item).map(([field, value]) =>
    options[field]?.(value as never, theatre),
  );
  return Object.assign({}, ...given) as object;
}

function needsOf(paths: readonly string[], theatre: Theatre): unknown {
  if (!Array.isArray(paths)) return paths;
  const resolved = paths.map((path) => (typeof path === 'string' ? theatre.resolve(path) : path));
  return Object.fromEntries(resolved.map((path, index) => [`need${index + 1}`, path]));
}

function backoffOf(backoff: Item): unknown {
  if (typeof backoff !== 'object' || backoff === null) return backoff;
  const { firstMs: first, maxMs: max, resetAfterMs: resetAfter, factor = 2 } = backoff;
  return { first, max, factor, jitter: 'none', resetAfter };
}
