import { serviceMachine } from '../../actors/service.ts';
import { supervisorMachine } from '../../actors/supervisor.ts';
import type { ItemSpec } from '../define/spec.ts';
import type { ItemInfo, TreeInfo } from './tree-info.ts';

/** One way from a state of a chart to another. */
export type Transition = `${string} -> ${string}`;

export interface ChartTargets {
  readonly states: readonly string[];
  readonly transitions: readonly Transition[];
}

interface ChartConfig {
  readonly states?: Readonly<Record<string, StateConfig | undefined>> | undefined;
}

interface StateConfig {
  readonly on?: unknown;
  readonly after?: unknown;
  readonly always?: unknown;
}

/** What there is to be reached in a chart, from its definition. */
function targetsOf(chart: ChartConfig): ChartTargets {
  const states = Object.keys(chart.states ?? {});
  const transitions = new Set<Transition>();
  for (const [from, state] of Object.entries(chart.states ?? {})) {
    const { on, after, always } = state ?? {};
    for (const to of [...targetsIn(on), ...targetsIn(after), ...targetsIn({ always })]) {
      if (to !== from) transitions.add(`${from} -> ${to}`);
    }
  }
  return { states, transitions: [...transitions] };
}

function targetsIn(transitions: unknown): string[] {
  return Object.values(transitions ?? {}).flatMap((each: unknown) =>
    (Array.isArray(each) ? each : [each]).flatMap((one: { target?: unknown } | undefined) =>
      typeof one?.target === 'string' ? [one.target] : [],
    ),
  );
}

/** The chart of a place, and the chart of a supervisor's incarnation. */
export const serviceTargets: ChartTargets = targetsOf(serviceMachine.config as ChartConfig);
export const supervisorTargets: ChartTargets = targetsOf(supervisorMachine.config as ChartConfig);

/** Items with the same policies have the same things to reach: they are counted together. */
export interface ItemKind {
  readonly name: string;
  readonly targets: ChartTargets;
  /** What cannot happen to items of this kind, and why. */
  readonly impossible: ReadonlyMap<string, string>;
}

/** The kind of a place as its supervisor sees it. */
export function kindOfItem({ spec, parent }: ItemInfo, tree: TreeInfo): ItemKind {
  const isService = spec.kind === 'service';
  const hasNeeds = isService && spec.needs.length > 0;
  const isBrutal = isService && spec.stopWithinMs === 'brutal';
  const isRetried = isService && spec.firstStart === 'retry';
  const group = parent?.spec.kind === 'supervisor' ? parent.spec : undefined;
  const isGrouped = group?.strategy === 'one-for-all' || group?.strategy === 'rest-for-one';
  const mayFail = group?.whenExhausted === 'give-up';
  const traits = [
    ...(isBrutal ? ['brutal'] : []),
    ...(hasNeeds ? ['with needs'] : []),
    ...(isRetried ? ['first start retried'] : []),
    ...(isGrouped ? ['in a group'] : []),
    ...(mayFail ? ['may be given up'] : []),
  ];
  const impossible = new Map<string, string>();
  const never = (why: string, ...what: string[]) => {
    for (const each of what) if (!impossible.has(each)) impossible.set(each, why);
  };
  if (!group) {
    never('nobody restarts the root', 'backoff', 'failed');
    never('nothing comes before the root', 'ended -> waiting', 'waiting -> stopped');
  }
  if (spec.restart === 'temporary' && !isRetried) never('temporary is not restarted', 'backoff');
  if (!mayFail)
    never("its supervisor does not give up, but escalates: whenExhausted 'escalate'", 'failed');
  if (!isService) {
    never('a supervisor is never unstopped: it ends when its items have', 'unstopped');
    never('a supervisor is asked, never cut off', 'starting -> ended', 'running -> ended');
    never('a supervisor is always needed', 'starting -> stopped');
  } else if (!isBrutal) {
    never('it is asked to stop, not cut off', 'starting -> ended', 'running -> ended');
  }
  if (isService && !Number.isFinite(Number(isBrutal ? 0 : spec.stopWithinMs))) {
    never('its stop has no limit', 'unstopped');
  }
  const hasDependants = tree.services().some(({ path }) => tree.needsOf(path).length > 0);
  if (!hasNeeds && !isGrouped) {
    never('nothing holds it back: no needs, no group', 'ended -> waiting', 'unstopped -> waiting');
    if (!hasDependants) never('nothing holds it back: no needs', 'backoff -> waiting');
  }
  for (const state of ['stopped', 'failed', 'unstopped', 'backoff']) {
    never('what is down is not charged again', `${state} -> backoff`, `${state} -> failed`);
  }
  for (const to of ['waiting', 'backoff', 'failed']) {
    never('only what was up is charged or held', `waiting -> ${to}`);
  }
  never('its supervisor decides first', 'ended -> starting');
  never(
    'only what a service spawned is given up with it',
    'starting -> unstopped',
    'running -> unstopped',
  );
  return {
    name: [isService ? 'service' : 'supervisor', spec.restart, ...traits].join(', '),
    targets: serviceTargets,
    impossible: spread(impossible),
  };
}

/** The inside of a supervisor: one kind for the root, which nothing freezes, and one for the others. */
export function kindOfSupervision(spec: ItemSpec, isRoot: boolean): ItemKind {
  const impossible = new Map<string, string>();
  if (isRoot) impossible.set('frozen', 'nothing above the root stops');
  const strategy = spec.kind === 'supervisor' ? spec.strategy : 'dynamic';
  return {
    name: `inside ${isRoot ? 'the root' : 'a supervisor'}, ${strategy}`,
    targets: supervisorTargets,
    impossible: spread(impossible),
  };
}

/** A state that cannot be reached takes the ways to it and from it along. */
function spread(impossible: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const all = new Map(impossible);
  for (const transition of [...serviceTargets.transitions, ...supervisorTargets.transitions]) {
    const [from = '', to = ''] = transition.split(' -> ');
    const why = impossible.get(from) ?? impossible.get(to);
    if (why && !all.has(transition)) all.set(transition, why);
  }
  return all;
}
