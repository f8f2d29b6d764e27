import fc from 'fast-check';
import type { Act, ExitReason, GroupPlan, ItemPlan, Plan, Reaction, Step } from './plan.ts';
import { TreeResolver } from './resolve-tree.ts';
import { dense, rawTrees, services } from './tree-arbitrary.ts';

/** How often each kind of step comes; each invariant is interested in others. */
export interface Emphasis {
  readonly exits?: number;
  readonly acts?: number;
  readonly reactions?: number;
  /** Whether a stop of the system may come before the end. @default true */
  readonly stops?: boolean;
}

type RawStep =
  | { readonly do: 'advance'; readonly pick: number; readonly delta: number }
  | { readonly do: 'exit'; readonly at: readonly number[]; readonly reason: ExitReason }
  | RawAct;
interface RawAct {
  readonly do: 'act';
  readonly fn: Act['fn'];
  readonly at: number;
  readonly child: number;
}

const onPlaces: Act['fn'][] = ['restart', 'stop', 'start', 'whenReady', 'watch', 'ask', 'send'];
const onGroups: Act['fn'][] = [
  'startChild',
  'startChild',
  'stopChild',
  'restartChild',
  'removeChild',
];

const acts: fc.Arbitrary<RawAct> = fc.record({
  do: fc.constant('act' as const),
  fn: fc.constantFrom(...onPlaces, ...onGroups, ...onGroups),
  at: fc.nat(20),
  child: fc.nat(20),
});

const stops: fc.Arbitrary<RawAct> = fc.record({
  do: fc.constant('act' as const),
  fn: fc.constantFrom<Act['fn'][]>('stopSystem', 'signal'),
  at: fc.constant(0),
  child: fc.constant(0),
});

const exits = fc.record({
  do: fc.constant('exit' as const),
  at: fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }),
  reason: fc.constantFrom<ExitReason[]>('error', 'error', 'normal', 'abort', 'text'),
});

const advances = fc.record({
  do: fc.constant('advance' as const),
  pick: fc.nat(200),
  delta: fc.constantFrom(0, 0, 1, -1),
});

const listened = [
  'starting',
  'ready',
  'ended',
  'stop-requested',
  'backoff',
  'start-failed',
  'suspended',
  'unstopped',
  'waiting',
  'hint',
  'health',
  'phase',
  'dropped',
  'stopped',
];

/** A tree with what happens to it. */
export function plans(emphasis: Emphasis = {}): fc.Arbitrary<Plan> {
  const stopWeight = emphasis.stops === false ? 0 : 1;
  const steps: fc.Arbitrary<RawStep> = fc.oneof(
    { weight: emphasis.exits ?? 4, arbitrary: exits },
    { weight: 4, arbitrary: advances },
    { weight: emphasis.acts ?? 3, arbitrary: acts },
    { weight: stopWeight, arbitrary: stops },
  );
  const reactions = fc.record({
    on: fc.constantFrom(...listened),
    nth: fc.nat(6),
    act: fc.oneof(
      { weight: 3, arbitrary: fc.constant('throw' as const) },
      { weight: 4, arbitrary: acts },
      { weight: stopWeight, arbitrary: stops },
    ),
  });
  return dense(
    fc.record({
      seed: fc.nat(1_000),
      grace: fc.constantFrom(undefined, undefined, 1_000, 1_001, 2_000, 5_000),
      bootWithin: fc.constantFrom(undefined, undefined, undefined, 0, 50, 1_000),
      entry: fc.constantFrom(
        undefined,
        undefined,
        undefined,
        'run' as const,
        'run' as const,
        ...(stopWeight ? ['stop' as const] : []),
      ),
      root: rawTrees,
      spares: fc.array(services, { maxLength: 2 }),
      reactions: fc.array(reactions, { maxLength: emphasis.reactions ?? 2 }),
      steps: fc.array(steps, { maxLength: 10, size: 'medium' }),
    }),
  ).map(resolved) as fc.Arbitrary<Plan>;
}

interface RawPlan extends Omit<Plan, 'root' | 'spares' | 'reactions' | 'steps'> {
  readonly root: Parameters<TreeResolver['root']>[0];
  readonly spares: readonly Parameters<TreeResolver['spare']>[0][];
  readonly reactions: readonly {
    readonly on: string;
    readonly nth: number;
    readonly act: 'throw' | RawAct;
  }[];
  readonly steps: readonly RawStep[];
}

function resolved(raw: RawPlan): Plan {
  const resolver = new TreeResolver();
  const root = resolver.root(raw.root);
  const spares = raw.spares.map((spare, index) => resolver.spare(spare, `n${index + 1}`));
  const tree = { ...raw, root, spares };
  const places = placesIn(root, 'app');
  const limits = limitsIn(tree);
  const reactions = raw.reactions.map(({ on, nth, act }): Reaction => {
    return { on, nth, act: act === 'throw' ? { fn: 'throw' } : actAt(act, places) };
  });
  const steps = raw.steps.map((step): Step => {
    if (step.do === 'act') return { do: 'act', act: actAt(step, places) };
    if (step.do === 'advance') {
      const ms = limits[step.pick % limits.length] as number;
      return { do: 'advance', ms: Math.max(0, ms + step.delta) };
    }
    const paths = new Set(step.at.map((at) => nthOf(places.services, at)));
    return { do: 'exit', paths: [...paths], reason: step.reason };
  });
  const { spares: _none, ...plan } = { ...tree, reactions, steps };
  return spares.length > 0 ? { ...plan, spares } : plan;
}

interface Places {
  readonly services: string[];
  readonly groups: string[];
  readonly dynamic: Set<string>;
}

/** Paths of the tree, and of what may come to be below it. */
function placesIn(item: ItemPlan, path: string): Places {
  if (item.kind === 'service') {
    const spawned = item.spawns ? [`${path}/w`] : [];
    return { services: [path, ...spawned], groups: [], dynamic: new Set() };
  }
  const isDynamic = item.strategy === 'dynamic';
  const below = isDynamic
    ? ['d1', 'd2'].map((id) => placesIn(item.items[0] as ItemPlan, `${path}/${id}`))
    : item.items.map((each) => placesIn(each, `${path}/${each.id}`));
  return {
    services: below.flatMap(({ services: all }) => all),
    groups: [path, ...below.flatMap(({ groups }) => groups)],
    dynamic: new Set([
      ...(isDynamic ? [path] : []),
      ...below.flatMap(({ dynamic }) => [...dynamic]),
    ]),
  };
}

function nthOf(list: readonly string[], nth: number): string {
  return list[nth % list.length] as string;
}

function actAt({ fn, at, child }: RawAct, places: Places): Act {
  const { services: all, groups, dynamic } = places;
  switch (fn) {
    case 'stopSystem':
    case 'signal':
      return { fn };
    case 'startChild': {
      const path = nthOf(groups, at);
      if (!dynamic.has(path)) return { fn, path, id: child % 2 === 0 ? 'n1' : 'n2' };
      return { fn, path, ...(child % 5 > 0 && { id: child % 2 === 0 ? 'd1' : 'd2' }) };
    }
    case 'stopChild':
    case 'restartChild':
    case 'removeChild': {
      const places_ = [...all, ...groups.slice(1), `${nthOf(groups, at)}/n1`, 'app/n2'];
      const target = nthOf(places_, child);
      const end = target.lastIndexOf('/');
      return { fn, path: target.slice(0, end), child: target.slice(end + 1) };
    }
    default:
      return { fn, path: nthOf([...all, ...groups, 'app/n1'], at) };
  }
}

/** Every duration of the tree, and sums of neighbours: the instants where something is due. */
function limitsIn(plan: unknown): number[] {
  const found = new Set<number>([10, 0, 1, 100, 1_000, 25_000, 60_000]);
  const keys = new Set(['first', 'max', 'resetAfter', 'period', 'stopWithin', 'startWithin']);
  for (const key of ['takes', 'after', 'okAfter', 'failAfter', 'deafOkAfter', 'strayAfter']) {
    keys.add(key);
  }
  for (const key of ['watchdog', 'grace', 'bootWithin']) keys.add(key);
  const look = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner === 'number' && keys.has(key)) found.add(inner);
      else look(inner);
    }
  };
  look(plan);
  return [...found];
}

export type { GroupPlan };
