import type { FaultKind } from '../fault-kind.ts';
import type { Fault, Trigger } from '../plan.ts';
import type { Draw } from './draw.ts';
import { drawParams, withParams } from './params.ts';
import { type Grounds, type Swarm, turningPoints } from './swarm.ts';

/** What a service or a supervisor may be asked for by hand. */
export const calls: readonly string[] = ['stopByHand', 'restartByHand', 'startByHand'];

/** What brings an incarnation to its end. */
export const ends: readonly string[] = [
  'crashAfter',
  'exitClean',
  'unhandledRejection',
  'throwNonError',
  'stopByHand',
];

/**
 * What strikes the same service as another fault: how a body ends matters only where it ends, and a
 * call at just that moment, or what it needs going down, finds what neither finds alone.
 */
export function companionsOf(draw: Draw, grounds: Grounds, swarm: Swarm, fault: Fault): Fault[] {
  const { trigger } = fault;
  const target = 'on' in trigger ? trigger.on : fault.target;
  if (target === undefined) return [];
  const isOfTheEnd = grounds.kinds.some(
    ({ name, group }) => name === fault.kind && (group === 'stop' || name === 'throwInHook'),
  );
  if (draw.chance(20)) {
    const meanwhile = whileItEnds(draw, grounds, swarm, fault, target);
    if (meanwhile.length > 0) return meanwhile;
  }
  const way = draw.integer(1, 100);
  if (isOfTheEnd) return made(draw, grounds, swarm, ends, target, trigger);
  if (way <= 40) {
    const names = grounds.kinds.flatMap(({ name, group }) => (group === 'stop' ? [name] : []));
    return made(draw, grounds, swarm, names, target, trigger);
  }
  const when = soonAfter(draw, target);
  if (way <= 70) return made(draw, grounds, swarm, calls, target, when);
  const needs = grounds.tree
    .needsOf(target)
    .flatMap(({ path }) => (grounds.targets.includes(path) ? [path] : []));
  const other = needs.length > 0 ? draw.one(needs) : draw.one(swarm.targets);
  return made(draw, grounds, swarm, ends, other, when);
}

/** It takes its time to end, and something that it needs goes down meanwhile. */
function whileItEnds(
  draw: Draw,
  grounds: Grounds,
  swarm: Swarm,
  { trigger, params }: Fault,
  target: string,
): Fault[] {
  const needs = grounds.tree.needsOf(target).filter(({ path }) => grounds.targets.includes(path));
  if (!('on' in trigger) || typeof params?.ms !== 'number' || needs.length === 0) return [];
  const plus = params.ms + (draw.chance(50) ? 0 : draw.logUniform(1, 2_000));
  const lost: Trigger = { when: 'ready', of: target, nth: trigger.incarnation, plus };
  return [
    ...made(draw, grounds, swarm, ['slowCleanup'], target, trigger),
    ...made(draw, grounds, swarm, ends, draw.one(needs).path, lost),
  ];
}

/** The end of a run, or of a part of the tree, at a moment at which something is under way. */
export function drawFinale(draw: Draw, grounds: Grounds, swarm: Swarm): Fault[] {
  const { tree } = grounds;
  const path = draw.one(swarm.targets);
  const above = tree.above(path).filter((each) => tree.get(each)?.parent);
  const isWhole = grounds.isRestricted || above.length === 0 || draw.chance(60);
  const trigger = { ...soonAfter(draw, path), nth: draw.integer(1, swarm.incarnations) };
  const end = isWhole
    ? made(draw, grounds, swarm, ['shutdown', 'signal'], undefined, trigger)
    : made(draw, grounds, swarm, ['stopByHand', 'restartByHand'], draw.one(above), trigger);
  if (end[0]?.kind === 'signal' && draw.chance(50)) {
    end.push({ ...end[0], trigger: { when: 'signal', plus: draw.logUniform(0, 3_000) } });
  }
  if (draw.chance(40)) return end;
  // While it takes its time, what is left goes on failing.
  const later: Trigger = {
    when: 'stop-requested',
    nth: draw.integer(1, 6),
    plus: draw.logUniform(0, 5_000),
  };
  const slow = draw.one(grounds.targets);
  return [
    ...end,
    ...made(draw, grounds, swarm, ['slowStop', 'hangStop'], slow, { on: slow, incarnation: 1 }),
    ...made(draw, grounds, swarm, ends, draw.one(grounds.targets), later),
  ];
}

function soonAfter(draw: Draw, of: string): Exclude<Trigger, { on: string } | { at: number }> {
  const plus = draw.chance(50) ? 0 : draw.chance(50) ? 1 : draw.logUniform(1, 2_000);
  return { when: draw.one(turningPoints), of, ...(plus > 0 && { plus }) };
}

/** What a fault of a scene is about. */
interface Part {
  readonly target?: string;
  readonly trigger: Trigger;
  /** The trigger alone says when. */
  readonly isAtOnce?: boolean;
}

/** One fault of one of these kinds, where the selection leaves any. A kind may be named twice. */
export function faultOf(
  draw: Draw,
  grounds: Grounds,
  swarm: Swarm,
  names: readonly string[],
  { target, trigger, isAtOnce = false }: Part,
): Fault[] {
  const kinds = names.flatMap((name) => grounds.kinds.find((kind) => kind.name === name) ?? []);
  if (kinds.length === 0) return [];
  const kind: FaultKind = draw.one(kinds);
  const isImplied = 'on' in trigger && trigger.on === target;
  const params = drawParams(draw, grounds, swarm, kind, target);
  return [
    {
      kind: kind.name,
      trigger,
      ...(target !== undefined && !isImplied && { target }),
      ...withParams(isAtOnce && 'ms' in params ? { ...params, ms: 0 } : params),
    },
  ];
}

function made(
  draw: Draw,
  grounds: Grounds,
  swarm: Swarm,
  names: readonly string[],
  target: string | undefined,
  trigger: Trigger,
): Fault[] {
  return faultOf(draw, grounds, swarm, names, { ...(target !== undefined && { target }), trigger });
}
