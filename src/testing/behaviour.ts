import type { Duration } from '../../actors/rules/duration.ts';
import type { ItemSpec } from '../define/spec.ts';
import type { PlacesOf } from './places.ts';
import type { TreeInfo } from './tree-info.ts';
import { toMs } from './workload.ts';

/** How a service behaves while it is simulated without its body. Everything may be left out. */
export interface Behaviour {
  /**
   * From its start until it is ready.
   *
   * @default '200ms' with a start hook or another way to say when it is ready, else 0; a quarter of
   * `startWithin` at most
   */
  readonly readyAfter?: Duration;
  /** From ready until it returns by itself: a task that has an end. @default until it is stopped */
  readonly runsFor?: Duration;
  /** What its cleanup takes. @default '20ms' with a stop hook, else 0 */
  readonly stopsAfter?: Duration;
  /** Mean time between failures: from the end of one cause to the beginning of the next. @default '30d' */
  readonly mtbf?: Duration;
  /** Mean time to repair: as long as its cause lasts, every start fails. @default '2m' */
  readonly mttr?: Duration;
}

/**
 * Behaviours by path: what a services file says of itself to `daruma check`.
 *
 * @example
 * export const simulate = {
 *   'shop/database': { readyAfter: '2s', mtbf: '90d', mttr: '5m' },
 * } satisfies Behaviours<typeof shop>;
 */
export type Behaviours<Root = unknown> = {
  readonly [Path in PlacesOf<Root>]?: Behaviour;
};

/** A behaviour with every default filled in. Milliseconds; Infinity: never. */
export interface FullBehaviour {
  readonly readyAfterMs: number;
  readonly runsForMs: number;
  readonly stopsAfterMs: number;
  readonly mtbfMs: number;
  readonly mttrMs: number;
}

/** Of children that bodies start at run time nothing is known. */
export const atOnce: FullBehaviour = {
  readyAfterMs: 0,
  runsForMs: Number.POSITIVE_INFINITY,
  stopsAfterMs: 0,
  mtbfMs: Number.POSITIVE_INFINITY,
  mttrMs: 0,
};

export const behaviourKeys = ['readyAfter', 'runsFor', 'stopsAfter', 'mtbf', 'mttr'] as const;

export const defaultRates = { mtbf: '30d', mttr: '2m' } as const;

/** What is said of a service, and for the rest what its definition leads one to expect. */
export function behaviourOf(spec: ItemSpec, given: Behaviour, usual: Behaviour): FullBehaviour {
  const { readyAfter, runsFor, stopsAfter, mtbf, mttr } = { ...defaultRates, ...usual, ...given };
  return {
    readyAfterMs: readyAfter === undefined ? usualStartMs(spec) : toMs(readyAfter),
    runsForMs: runsFor === undefined ? Number.POSITIVE_INFINITY : toMs(runsFor),
    stopsAfterMs: stopsAfter === undefined ? usualStopMs(spec) : toMs(stopsAfter),
    mtbfMs: toMs(mtbf),
    mttrMs: toMs(mttr),
  };
}

/**
 * Behaviours by path. A child of a dynamic supervisor behaves as its template leads one to expect;
 * undefined where nothing is known.
 */
export function behaviourAt(
  tree: TreeInfo,
  behaviours: ReadonlyMap<string, FullBehaviour>,
): (path: string) => FullBehaviour | undefined {
  return (path) => {
    const known = behaviours.get(path);
    if (known) return known;
    const spec = tree.specAt(path);
    return spec?.kind === 'service' ? behaviourOf(spec, {}, {}) : undefined;
  };
}

function usualStartMs(spec: ItemSpec): number {
  if (spec.kind === 'supervisor') return 0;
  const { body, startWithinMs } = spec;
  const takesTime = body.ready !== 'immediate' && body.ready !== undefined;
  const hasHook = body.kind === 'hooks' && body.start !== undefined;
  return takesTime || hasHook ? Math.min(200, startWithinMs / 4) : 0;
}

function usualStopMs(spec: ItemSpec): number {
  if (spec.kind === 'supervisor' || spec.stopWithinMs === 'brutal') return 0;
  const { body, stopWithinMs } = spec;
  return body.kind === 'hooks' && body.stop ? Math.min(20, stopWithinMs / 4) : 0;
}
