import { workersOf } from '../jobs.ts';
import type { Fault, Trigger } from '../plan.ts';
import { ends, faultOf } from './companions.ts';
import type { Draw } from './draw.ts';
import { circleOf } from './neighbours.ts';
import {
  arriving,
  calledOff,
  lastDown,
  leaving,
  leavingOneBehind,
  outliving,
  overtaken,
  spent,
  undone,
  waiting,
} from './overlaps.ts';
import { atQueues } from './queue-scenes.ts';
import {
  alongNeeds,
  betweenNeeds,
  crowded,
  inGroup,
  notBegun,
  untilRedone,
  upTheTree,
  withoutNeed,
} from './relations.ts';
import {
  after,
  atOnce,
  everybody,
  firstDelayOf,
  fromAbove,
  longestMs,
  make,
  momentOf,
  mostlyBack,
  readyOf,
  type Stage,
  slowDown,
  slowEnds,
  startFailures,
  strike,
  takeDown,
} from './stage.ts';
import type { Grounds, Swarm } from './swarm.ts';

/** When the last scene begins, as a part of the time in which faults strike. */
const latest = 0.8;

/** How often another scene is looked for where one has no place. */
const mostTries = 3;

/** Faults about one place that matter only together. */
type Scene = (stage: Stage) => Fault[];

/** How often each is played, in proportion. */
const scenes: readonly (readonly [Scene, number])[] = [
  [goingDown, 2],
  [inGroup, 2],
  [alongNeeds, 3],
  [withoutNeed, 2],
  [upTheTree, 2],
  [arriving, 3],
  [leaving, 2],
  [lastDown, 4],
  [notBegun, 1],
  [calledOff, 1],
  [leavingOneBehind, 2],
  [outliving, 1],
  [overtaken, 2],
  [waiting, 1],
  [spent, 3],
  [betweenNeeds, 2],
  [comingUp, 1],
  [crowded, 2],
  [againByHand, 1],
  [givingBack, 1],
  [undone, 4],
  [untilRedone, 2],
  [lives, 1],
  [together, 2],
  [failingHook, 1],
];

/** What goes wrong while a place is on its way down or up, or after somebody has taken it down. */
export function drawScene(draw: Draw, grounds: Grounds, swarm: Swarm): Fault[] {
  const workers = workersOf(grounds.tree).filter((path) => grounds.targets.includes(path));
  if (workers.length > 0 && draw.chance(60))
    return atQueues(draw, grounds, swarm, draw.one(workers));
  const path = draw.one(draw.chance(60) ? swarm.targets : grounds.targets);
  const circle = circleOf(grounds, path);
  // What begins later has no time to show.
  const until = Math.floor((grounds.horizonMs - (grounds.healMs ?? 0)) * latest);
  // Work that ends is done early.
  const at = draw.chance(20) ? draw.logUniform(0, until) : draw.integer(0, until);
  const stage = { draw, grounds, swarm, path, at, circle };
  // Some scenes have no place in this tree.
  for (let tries = 0; tries < mostTries; tries++) {
    const [scene] = draw.weighted(scenes, ([, weight]) => weight);
    const faults = scene(stage);
    const again = faults.flatMap((fault) => startAgain(stage, fault));
    if (faults.length > 0) return [...faults, ...again];
  }
  return [];
}

/** Who was stopped by hand is mostly started again: who stays down has no part in later scenes. */
function startAgain({ draw, grounds, swarm }: Stage, { kind, trigger, target }: Fault): Fault[] {
  if (kind !== 'stopByHand' || target === undefined || !draw.chance(70)) return [];
  const ms = draw.logUniform(1, 4 * longestMs);
  return faultOf(draw, grounds, swarm, ['startByHand'], { target, trigger: later(trigger, ms) });
}

function later(trigger: Trigger, ms: number): Trigger {
  if ('at' in trigger) return { at: trigger.at + ms };
  if ('when' in trigger) return { ...trigger, plus: (trigger.plus ?? 0) + ms };
  return { when: 'starting', of: trigger.on, nth: trigger.incarnation, plus: ms };
}

/** Something takes it down, it takes its time, and meanwhile somebody near is struck. */
function goingDown(stage: Stage): Fault[] {
  const { at } = stage;
  const slow = slowDown(stage, slowEnds, { at });
  return [
    ...meanwhile(stage, (ms) => ({ at: at + ms }), slow.ms),
    ...slow.faults,
    ...alsoSlow(stage),
    ...takeDown(stage, { at }),
  ];
}

/** It takes its time to come up, and meanwhile somebody near is struck. */
function comingUp(stage: Stage): Fault[] {
  const { draw, path, at } = stage;
  const slow = slowDown(stage, ['slowReady'], { at });
  const isByHand = draw.chance(40);
  const startsAt = at + (isByHand ? 0 : firstDelayOf(stage, path));
  return [
    ...slow.faults,
    ...alsoSlow(stage),
    ...(isByHand ? make(stage, ['restartByHand'], { at }) : takeDown(stage, { at })),
    ...meanwhile(stage, (ms) => ({ at: startsAt + ms }), slow.ms),
  ];
}

/** Somebody takes it down and starts it by hand, and what begins then fails. */
function againByHand(stage: Stage): Fault[] {
  const { draw, at } = stage;
  const again = { at: at + draw.logUniform(1, longestMs) };
  const down = draw.chance(25)
    ? make(stage, ['restartByHand'], { at })
    : [
        ...atOnce(make(stage, ['stopByHand', 'stopByHand', 'exitClean'], { at })),
        ...make(stage, ['startByHand'], again),
      ];
  const onceMore = draw.chance(75) ? startFailures(stage) : ['slowReady'];
  return [...make(stage, onceMore, { at }), ...down];
}

/**
 * It ends by itself, mostly because its work is done, takes its time to give back what it holds, and
 * meanwhile somebody near is struck: of its group, of those who need it, or anybody.
 */
function givingBack(stage: Stage): Fault[] {
  const { draw, grounds } = stage;
  const once = grounds.targets.filter((each) => grounds.tree.specAt(each)?.restart !== 'permanent');
  const inTheMiddle = once.filter((each) => {
    const { isGroup, needs, dependants } = circleOf(grounds, each);
    return (isGroup && dependants.length > 0) || needs.length > 0;
  });
  const preferred = inTheMiddle.length > 0 && draw.chance(70) ? inTheMiddle : once;
  const path = preferred.length > 0 && draw.chance(70) ? draw.one(preferred) : stage.path;
  const own = { ...stage, path, circle: circleOf(grounds, path) };
  const incarnation = draw.chance(70) ? 1 : 2;
  const trigger: Trigger = { on: path, incarnation };
  const endsAfter = draw.logUniform(0, longestMs);
  const end = after(endsAfter, make(own, draw.chance(60) ? ['exitClean'] : ends, trigger));
  const slow = slowDown(own, ['slowCleanup', 'slowCleanup', 'hangCleanup'], trigger);
  const moment = (ms: number) => ({ ...readyOf(path, incarnation), plus: endsAfter + ms });
  const { siblings, needs, dependants } = own.circle;
  const both = [siblings, needs, dependants].flatMap((near) => {
    if (near.length === 0 || !draw.chance(60)) return [];
    const names = draw.chance(60) ? ends : mostlyBack;
    return strike(own, names, draw.one(near), moment, momentOf(draw, slow.ms));
  });
  return [
    ...(both.length > 0 ? both : meanwhile(own, moment, slow.ms)),
    ...end,
    ...slow.faults,
    ...alsoSlow(own),
  ];
}

/** Several lives of it, each of which ends for a reason of its own after a time that matters. */
function lives(stage: Stage): Fault[] {
  const { draw, swarm, path } = stage;
  const own = swarm.own.get(path) ?? [];
  const faults = Array.from({ length: draw.integer(2, 4) }, (_, index): Fault[] => {
    const incarnation = index + 1;
    if (index > 0 && draw.chance(25)) {
      return make(stage, startFailures(stage), { on: path, incarnation });
    }
    if (draw.chance(50)) return make(stage, ends, { on: path, incarnation });
    const plus = own.length > 0 && draw.chance(60) ? draw.one(own) : draw.logUniform(0, longestMs);
    return takeDown(stage, { ...readyOf(path, incarnation), plus });
  });
  return faults.flat();
}

/** It and some who have to do with it, or whom the same supervisor decides about, end in one instant. */
function together(stage: Stage): Fault[] {
  const { draw, path, at, circle } = stage;
  const isOfOne = circle.siblings.length > 0 && draw.chance(50);
  const others = draw.some(isOfOne ? circle.siblings : everybody(circle), draw.integer(1, 3));
  return [path, ...others].flatMap((each) => atOnce(make(stage, ends, { at }, each)));
}

/** A hook throws, and then it is called. */
function failingHook(given: Stage): Fault[] {
  const { draw, grounds, at } = given;
  const deciding = grounds.targets.filter((each) => {
    const spec = grounds.tree.specAt(each);
    return spec?.kind === 'service' && spec.decide;
  });
  const path = deciding.length > 0 && draw.chance(50) ? draw.one(deciding) : given.path;
  const stage = { ...given, path };
  const hook = make(stage, ['throwInHook'], { at });
  const isOfEnd = hook[0]?.params?.hook === 'decide' || draw.chance(50);
  return [...hook, ...(isOfEnd ? atOnce(make(stage, ends, { at })) : takeDown(stage, { at }))];
}

/** Somebody else near takes their time too, now and then. */
function alsoSlow(stage: Stage): Fault[] {
  const { draw, circle, at } = stage;
  const near = everybody(circle);
  if (near.length === 0 || !draw.chance(40)) return [];
  const names = draw.chance(75) ? slowEnds : ['slowReady'];
  return slowDown(stage, names, { at }, draw.one(near)).faults;
}

/** One or two who have to do with it, at a moment of the time that it takes. */
function meanwhile(stage: Stage, trigger: (ms: number) => Trigger, forMs: number): Fault[] {
  const { draw, circle, path } = stage;
  const strikes = Array.from({ length: draw.integer(1, 2) }, () => {
    const way = draw.integer(1, 100);
    const ms = momentOf(draw, forMs);
    if (way <= 25) return fromAbove(stage, trigger(ms));
    const { siblings, needs, dependants } = circle;
    const wide = [siblings, [...needs, ...dependants]].filter((each) => each.length > 0);
    const target = way <= 85 && wide.length > 0 ? draw.one(draw.one(wide)) : path;
    const names = draw.chance(60) ? ends : mostlyBack;
    return strike(stage, names, target, trigger, ms);
  });
  return strikes.flat();
}
