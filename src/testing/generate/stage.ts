import type { Fault, Trigger } from '../plan.ts';
import { ends, failures, faultOf } from './companions.ts';
import type { Draw } from './draw.ts';
import type { Circle } from './neighbours.ts';
import { drawMs } from './params.ts';
import type { Grounds, Swarm } from './swarm.ts';

/** Where and when a scene is set, and what it is drawn from. */
export interface Stage {
  readonly draw: Draw;
  readonly grounds: Grounds;
  readonly swarm: Swarm;
  readonly path: string;
  /** Milliseconds since the boot. */
  readonly at: number;
  /** Who has to do with it. */
  readonly circle: Circle;
}

/** What keeps a body from ending when it is asked to; the more frequent are named more often. */
export const slowEnds: readonly string[] = [
  'slowStop',
  'slowStop',
  'slowStop',
  'slowStop',
  'hangStop',
  'lateSettle',
  'ignoreAbort',
];

/** What is asked for by hand: mostly what is up again afterwards, for the next scene. */
export const mostlyBack: readonly string[] = [
  'restartByHand',
  'restartByHand',
  'stopByHand',
  'startByHand',
];

/** The same, where as much stays down as comes back. */
export const byHand: readonly string[] = ['stopByHand', ...mostlyBack];

/** The longest that somebody takes their time where no limit of the tree is drawn, in milliseconds. */
export const longestMs = 5_000;

/** The system, or a supervisor above it, is asked to go down. */
export function fromAbove(stage: Stage, trigger: Trigger): Fault[] {
  const { draw, grounds, swarm, path } = stage;
  if (grounds.isRestricted) return [];
  const above = grounds.tree.above(path).filter((each) => grounds.tree.get(each)?.parent);
  if (above.length === 0 || draw.chance(8)) {
    const end = faultOf(draw, grounds, swarm, ['shutdown', 'signal'], { trigger });
    if (end.length > 0) return end;
  }
  if (above.length === 0) return make(stage, byHand, trigger);
  const down = ['restartByHand', 'restartByHand', 'stopByHand'];
  return faultOf(draw, grounds, swarm, down, { target: draw.one(above), trigger });
}

export function make(
  { draw, grounds, swarm, path }: Stage,
  names: readonly string[],
  trigger: Trigger,
  target: string = path,
): Fault[] {
  return faultOf(draw, grounds, swarm, names, { target, trigger });
}

/** What keeps an incarnation from coming up. */
export function startFailures({ grounds }: Stage): readonly string[] {
  return grounds.kinds.flatMap(({ name, group, endsIt }) =>
    group === 'start' && endsIt ? [name] : [],
  );
}

/** The trigger alone says when. */
export function atOnce(faults: readonly Fault[]): Fault[] {
  return after(0, faults);
}

/** So many milliseconds after their trigger, or as long as that, where they have a time at all. */
export function after(ms: number, faults: readonly Fault[]): Fault[] {
  return faults.map((fault) =>
    fault.params && 'ms' in fault.params ? { ...fault, params: { ...fault.params, ms } } : fault,
  );
}

export function readyOf(of: string, nth: number): Extract<Trigger, { when: string }> {
  return { when: 'ready', of, ...(nth > 1 && { nth }) };
}

export function everybody({ siblings, needs, dependants }: Circle): readonly string[] {
  return [...new Set([...siblings, ...needs, ...dependants])];
}

/** Takes its time to end or to come up, where it is asked to; and how long that is. */
export interface Slow {
  readonly faults: Fault[];
  readonly ms: number;
}

export function slowDown(
  stage: Stage,
  names: readonly string[],
  trigger: Trigger,
  target: string = stage.path,
): Slow {
  const { draw, grounds, swarm } = stage;
  const [fault] = make(stage, names, trigger, target);
  const limitMs = limitOf(stage, target, names);
  const ms = fault?.params?.ms;
  // Of others it says something else, and they are cut off.
  if (!fault?.kind.startsWith('slow') || typeof ms !== 'number') {
    return { faults: fault ? [fault] : [], ms: limitMs };
  }
  // What takes longer than its limit is cut off: then the limit is the moment.
  const own = draw.chance(50) ? ms : drawMs(draw, grounds, swarm, 1, limitMs, target);
  return {
    faults: [{ ...fault, params: { ...fault.params, ms: own } }],
    ms: Math.min(own, limitMs),
  };
}

/** How long it waits to be restarted after its first failure, in milliseconds. */
export function firstDelayOf({ grounds }: Stage, target: string): number {
  return grounds.tree.specAt(target)?.backoff.firstMs ?? 0;
}

/** How long it has, at most, to start or to stop: whichever of that these faults are about. */
export function limitOf({ grounds }: Stage, target: string, names: readonly string[]): number {
  const spec = grounds.tree.specAt(target);
  const isStart = names.includes('slowReady');
  const limitMs = spec?.kind === 'service' && isStart ? spec.startWithinMs : spec?.stopWithinMs;
  if (limitMs === 'brutal') return 1;
  return Math.min(limitMs ?? longestMs, 2 * longestMs);
}

/**
 * Strikes somebody at a moment: armed long before, so that it comes before what is due then, or only
 * just then, so that it comes after.
 *
 * @param at the trigger of so many milliseconds after the scene has begun
 */
export function strike(
  stage: Stage,
  names: readonly string[],
  target: string,
  at: (ms: number) => Trigger,
  ms: number,
): Fault[] {
  const faults = make(stage, names, at(ms), target);
  return faults.map((fault) => {
    if (fault.params?.ms === undefined) return fault;
    const isEarly = stage.draw.chance(50);
    const params = { ...fault.params, ms: isEarly ? ms : 0 };
    return { ...fault, params, ...(isEarly && { trigger: at(0) }) };
  });
}

/** Often just when it is over: what coincides is what is forgotten. */
export function momentOf(draw: Draw, ms: number): number {
  if (draw.chance(50)) return ms;
  return draw.chance(30) ? 0 : draw.integer(0, ms);
}

/** What takes it down, in one way or another: a call, the end of a need or of a member of its group. */
export function takeDown(stage: Stage, trigger: Trigger): Fault[] {
  const { draw, circle } = stage;
  const { siblings, needs } = circle;
  const names = draw.chance(65) ? ends : mostlyBack;
  const way = draw.integer(1, 100);
  if (way <= 40 && needs.length > 0) return atOnce(make(stage, names, trigger, draw.one(needs)));
  if (way <= 70 && circle.isGroup && siblings.length > 0) {
    return atOnce(make(stage, failures, trigger, draw.one(siblings)));
  }
  if (way <= 78) return fromAbove(stage, trigger);
  return make(stage, mostlyBack, trigger);
}
