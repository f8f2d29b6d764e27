import {
  type ItemKind,
  kindOfItem,
  kindOfSupervision,
  type Transition,
} from './coverage-targets.ts';
import { serviceSteps, supervisionSteps } from './coverage-walk.ts';
import type { Invariant } from './invariant.ts';
import { isSometimes } from './invariants/custom.ts';
import type { Trace, TraceEvent } from './trace.ts';
import type { TreeInfo } from './tree-info.ts';

export interface Ratio {
  readonly hit: number;
  readonly total: number;
}

/** What was reached of a kind of item. */
export interface KindCoverage {
  readonly name: string;
  /** How many items of the tree are of this kind. */
  readonly items: number;
  readonly states: Ratio;
  readonly transitions: Ratio;
  /** What could be reached and was not. */
  readonly missing: readonly string[];
  /** What cannot be reached, with the reason. */
  readonly impossible: ReadonlyMap<string, string>;
}

export interface CoverageReport {
  readonly runs: number;
  readonly states: Ratio;
  readonly transitions: Ratio;
  readonly kinds: readonly KindCoverage[];
  /** How often each fault struck a place in each status; faults of the system by phase. */
  readonly faultByState: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** How often an event happened to one place while another was on its way. */
  readonly eventPairs: ReadonlyMap<string, number>;
  /** How often what should happen sometimes did. */
  readonly sometimes: ReadonlyMap<string, number>;
  readonly missing: readonly string[];
}

interface Seen {
  readonly kind: ItemKind;
  readonly paths: Set<string>;
  readonly states: Set<string>;
  readonly transitions: Set<string>;
}

/** Statuses of other places that make an event interesting. */
const onTheWay: ReadonlySet<string> = new Set(['starting', 'stopping', 'backoff', 'waiting']);
const telling: readonly TraceEvent['type'][] = [
  'ready',
  'start-failed',
  'ended',
  'unstopped',
  'backoff',
  'suspended',
  'escalated',
  'failed',
  'stop-requested',
];

/** Collects what was reached over many runs of one tree. */
export class Coverage {
  readonly #seen = new Map<string, Seen>();
  readonly #faults = new Map<string, Map<string, number>>();
  readonly #pairs = new Map<string, number>();
  readonly #sometimes = new Map<string, number>();
  #runs = 0;

  /**
   * Takes in one run. Returns how much of it had never been reached before: a plan that reaches
   * something new is worth trying again in other ways.
   */
  add(tree: TreeInfo, trace: Trace, invariants: readonly Invariant[] = []): number {
    this.#runs++;
    const wanted = invariants.filter(isSometimes);
    for (const { name } of wanted) this.#sometimes.set(name, this.#sometimes.get(name) ?? 0);
    const walk = new Walk(this.#kindsOf(tree), tree);
    let news = 0;
    for (const event of trace) {
      if (event.type === 'fault') news += this.#addFault(event, walk);
      news += this.#addPairs(event, walk);
      news += walk.take(event);
      for (const { name, isIt } of wanted) {
        if (isIt(event)) this.#sometimes.set(name, (this.#sometimes.get(name) ?? 0) + 1);
      }
    }
    return news;
  }

  report(): CoverageReport {
    const kinds = [...this.#seen.values()].map(coverageOf);
    const missing = [
      ...kinds.flatMap(({ name, missing: own }) => own.map((each) => `${name}: ${each}`)),
      ...[...this.#sometimes].flatMap(([name, count]) => (count === 0 ? [`never: ${name}`] : [])),
    ];
    return {
      runs: this.#runs,
      states: sum(kinds.map(({ states }) => states)),
      transitions: sum(kinds.map(({ transitions }) => transitions)),
      kinds,
      faultByState: this.#faults,
      eventPairs: this.#pairs,
      sometimes: this.#sometimes,
      missing,
    };
  }

  #addFault(event: Extract<TraceEvent, { type: 'fault' }>, walk: Walk): number {
    const { kind } = event.fault;
    const byState = this.#faults.get(kind) ?? new Map<string, number>();
    this.#faults.set(kind, byState);
    return count(byState, walk.stateOf(event.path));
  }

  #addPairs(event: TraceEvent, walk: Walk): number {
    if (!telling.includes(event.type)) return 0;
    let news = 0;
    for (const state of walk.statesOfOthers(event.path)) {
      if (onTheWay.has(state))
        news += count(this.#pairs, `${event.type} while another is ${state}`);
    }
    return news;
  }

  #kindsOf(tree: TreeInfo): { outer: Map<string, Seen>; inner: Map<string, Seen> } {
    const outer = new Map<string, Seen>();
    const inner = new Map<string, Seen>();
    for (const [path, item] of tree.items) {
      outer.set(path, this.#seenOf(kindOfItem(item, tree), path));
      if (item.spec.kind === 'service') continue;
      inner.set(path, this.#seenOf(kindOfSupervision(item.spec, item.parent === undefined), path));
    }
    return { outer, inner };
  }

  #seenOf(kind: ItemKind, path: string): Seen {
    const known = this.#seen.get(kind.name);
    if (known) {
      known.paths.add(path);
      return known;
    }
    const seen = {
      kind,
      paths: new Set([path]),
      states: new Set<string>(),
      transitions: new Set<string>(),
    };
    this.#seen.set(kind.name, seen);
    return seen;
  }
}

/** Follows one run through the charts of its places. */
class Walk {
  readonly #kinds: { outer: Map<string, Seen>; inner: Map<string, Seen> };
  readonly #tree: TreeInfo;
  readonly #outer = new Map<string, string>();
  readonly #inner = new Map<string, string>();

  constructor(kinds: { outer: Map<string, Seen>; inner: Map<string, Seen> }, tree: TreeInfo) {
    this.#kinds = kinds;
    this.#tree = tree;
  }

  stateOf(path: string): string {
    return this.#outer.get(path) ?? 'waiting';
  }

  statesOfOthers(path: string): Set<string> {
    const states = new Set<string>();
    for (const [other, state] of this.#outer) if (other !== path) states.add(state);
    return states;
  }

  take(event: TraceEvent): number {
    const { path } = event;
    const from = this.stateOf(path);
    const steps = [...serviceSteps(from, event)];
    if (event.type === 'ended' && this.#rests(event)) steps.push('stopped');
    let news = go(this.#kinds.outer.get(path), this.#outer, path, from, steps);
    const seen = this.#kinds.inner.get(path);
    if (!seen) return news;
    if (event.type === 'starting') this.#inner.delete(path);
    const inside = this.#inner.get(path) ?? '';
    news += go(seen, this.#inner, path, inside, supervisionSteps(inside, event));
    if (this.#inner.get(path) === 'stopping' && inside !== 'stopping') news += this.#freeze(path);
    return news;
  }

  /** It has done its work, or its supervisor goes down: nobody says that it stays down. */
  #rests({ path, reason }: Extract<TraceEvent, { type: 'ended' }>): boolean {
    const parent = this.#inner.get(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    if (parent === 'stopping' || parent === 'frozen') return true;
    return reason === 'normal' && this.#tree.specAt(path)?.restart === 'transient';
  }

  /** Everything below a supervisor that goes down stands still until its turn comes. */
  #freeze(path: string): number {
    let news = 0;
    for (const [below, state] of this.#inner) {
      const isUp = state === 'starting' || state === 'running';
      if (!isUp || !this.#tree.above(below).includes(path)) continue;
      news += go(this.#kinds.inner.get(below), this.#inner, below, state, ['frozen']);
    }
    return news;
  }
}

function go(
  seen: Seen | undefined,
  places: Map<string, string>,
  path: string,
  from: string,
  steps: readonly string[],
): number {
  let state = from;
  let news = 0;
  for (const step of steps) {
    if (seen && !seen.states.has(step)) {
      seen.states.add(step);
      news++;
    }
    const transition: Transition = `${state} -> ${step}`;
    if (seen && state !== '' && !seen.transitions.has(transition)) {
      seen.transitions.add(transition);
      news++;
    }
    state = step;
  }
  places.set(path, state);
  return news;
}

function coverageOf({ kind, paths, states, transitions }: Seen): KindCoverage {
  const isPossible = (what: string) => !kind.impossible.has(what);
  const wantedStates = kind.targets.states.filter(isPossible);
  const wanted = kind.targets.transitions.filter(isPossible);
  return {
    name: kind.name,
    items: paths.size,
    states: {
      hit: wantedStates.filter((each) => states.has(each)).length,
      total: wantedStates.length,
    },
    transitions: {
      hit: wanted.filter((each) => transitions.has(each)).length,
      total: wanted.length,
    },
    missing: [
      ...wantedStates.filter((each) => !states.has(each)),
      ...wanted.filter((each) => !transitions.has(each)),
    ],
    impossible: kind.impossible,
  };
}

function count(counts: Map<string, number>, key: string): number {
  const before = counts.get(key) ?? 0;
  counts.set(key, before + 1);
  return before === 0 ? 1 : 0;
}

function sum(ratios: readonly Ratio[]): Ratio {
  return ratios.reduce(
    (all, { hit, total }) => ({ hit: all.hit + hit, total: all.total + total }),
    { hit: 0, total: 0 },
  );
}
