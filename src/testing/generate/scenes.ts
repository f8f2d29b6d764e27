import type { Fault, Trigger } from '../plan.ts';
import { calls, ends, faultOf } from './companions.ts';
import type { Draw } from './draw.ts';
import { type Circle, circleOf } from './neighbours.ts';
import { drawMs } from './params.ts';
import type { Grounds, Swarm } from './swarm.ts';

/** Where a scene is set, and what it is drawn from. */
interface Stage {
  readonly draw: Draw;
  readonly grounds: Grounds;
  readonly swarm: Swarm;
  readonly path: string;
  /** Who has to do with it. */
  readonly circle: Circle;
}

/** Faults about one place that matter only together. */
type Scene = (stage: Stage) => Fault[];

const scenes: readonly Scene[] = [
  goingDown,
  goingDown,
  goingDown,
  comingUp,
  againByHand,
  givingBack,
  lives,
  together,
];

/** What keeps a body from ending when it is asked to; the more frequent are named more often. */
const slowEnds: readonly string[] = [
  'slowStop',
  'slowStop',
  'slowStop',
  'slowCleanup',
  'hangStop',
  'lateSettle',
  'ignoreAbort',
];

/** The longest that somebody takes their time where no limit of the tree is drawn, in milliseconds. */
const longestMs = 5_000;

/** What goes wrong while a place is on its way down or up, or after somebody has taken it down. */
export function drawScene(draw: Draw, grounds: Grounds, swarm: Swarm): Fault[] {
  const path = draw.chance(70) ? draw.one(swarm.targets) : draw.one(grounds.targets);
  const circle = circleOf(grounds, path);
  return draw.one(scenes)({ draw, grounds, swarm, path, circle });
}

/** Something takes it down, it takes its time, and meanwhile somebody near is struck. */
function goingDown(stage: Stage): Fault[] {
  const { draw, path } = stage;
  const incarnation = draw.chance(80) ? 1 : 2;
  const slow = make(stage, slowEnds, { on: path, incarnation });
  const ms = tookMs(stage, slow);
  const isUp: Trigger = { ...readyOf(path, incarnation), plus: draw.logUniform(0, longestMs) };
  return [
    ...slow,
    ...takeDown(stage, isUp),
    ...meanwhile(stage, () => ({
      when: 'stop-requested',
      of: path,
      plus: momentOf(draw, ms),
    })),
  ];
}

/** It ends by itself, takes its time to give back what it holds, and meanwhile somebody near is struck. */
function givingBack(stage: Stage): Fault[] {
  const { draw, path } = stage;
  const incarnation = draw.integer(1, 2);
  const trigger: Trigger = { on: path, incarnation };
  const end = make(stage, ends, trigger);
  const slow = make(stage, ['slowCleanup', 'slowCleanup', 'hangCleanup'], trigger);
  const endsAfter = tookMs(stage, end);
  const ms = tookMs(stage, slow);
  return [
    ...end,
    ...slow,
    ...meanwhile(stage, () => ({
      ...readyOf(path, incarnation),
      plus: endsAfter + momentOf(draw, ms),
    })),
  ];
}

/** Several lives of it, each of which ends for a reason of its own after a time that matters. */
function lives(stage: Stage): Fault[] {
  const { draw, swarm, path } = stage;
  const own = swarm.own.get(path) ?? [];
  const faults = Array.from({ length: draw.integer(2, 4) }, (_, index): Fault[] => {
    const incarnation = index + 1;
    if (draw.chance(50)) return make(stage, ends, { on: path, incarnation });
    const plus = own.length > 0 && draw.chance(60) ? draw.one(own) : draw.logUniform(0, longestMs);
    return takeDown(stage, { ...readyOf(path, incarnation), plus });
  });
  return faults.flat();
}

/** It takes its time to come up, and meanwhile somebody near is struck. */
function comingUp(stage: Stage): Fault[] {
  const { draw, path } = stage;
  const incarnation = draw.integer(1, 3);
  const before = Array.from({ length: incarnation - 1 }, (_, nth) =>
    make(stage, ends, { on: path, incarnation: nth + 1 }),
  );
  const slow = make(stage, ['slowReady'], { on: path, incarnation });
  const ms = tookMs(stage, slow);
  return [
    ...before.flat(),
    ...slow,
    ...meanwhile(stage, () => ({
      when: 'starting',
      of: path,
      ...(incarnation > 1 && { nth: incarnation }),
      plus: momentOf(draw, ms),
    })),
  ];
}

/** Somebody takes it down and starts it by hand, and what begins then fails. */
function againByHand(stage: Stage): Fault[] {
  const { draw, grounds, path } = stage;
  const isUp: Trigger = { ...readyOf(path, 1), plus: draw.logUniform(0, longestMs) };
  const down = draw.chance(25)
    ? make(stage, ['restartByHand'], isUp)
    : [
        ...atOnce(make(stage, ['stopByHand', 'stopByHand', 'exitClean'], isUp)),
        ...make(stage, ['startByHand'], {
          when: draw.chance(80) ? 'ended' : 'failed',
          of: path,
          plus: draw.logUniform(0, longestMs),
        }),
      ];
  const starts = grounds.kinds.flatMap(({ name, group, endsIt }) =>
    group === 'start' && endsIt ? [name] : [],
  );
  const failing = Array.from({ length: draw.integer(1, 2) }, (_, nth) =>
    make(stage, draw.chance(75) ? starts : ends, { on: path, incarnation: 2 + nth }),
  );
  return [...down, ...failing.flat()];
}

/** It and some who have to do with it end in one instant. */
function together(stage: Stage): Fault[] {
  const { draw, path, circle } = stage;
  const trigger: Trigger = {
    ...readyOf(path, draw.integer(1, 2)),
    plus: draw.logUniform(1, longestMs),
  };
  const { siblings, needs, dependants } = circle;
  const near = [...new Set([...siblings, ...needs, ...dependants])];
  const others = draw.some(near, draw.integer(1, 3));
  return [path, ...others].flatMap((each) => atOnce(make(stage, ends, trigger, each)));
}

/** One or two who have to do with it, at a moment of the time that it takes. */
function meanwhile(stage: Stage, trigger: () => Trigger): Fault[] {
  const { draw, circle, path } = stage;
  const strikes = Array.from({ length: draw.integer(1, 2) }, () => {
    const way = draw.integer(1, 100);
    if (way <= 30) return fromAbove(stage, trigger());
    const { siblings, needs, dependants } = circle;
    const others = draw.one(
      [siblings, [...needs, ...dependants]].filter((each) => each.length > 0).concat([[path]]),
    );
    const names = draw.chance(65) ? ends : calls;
    return atOnce(make(stage, names, trigger(), draw.one(others)));
  });
  return strikes.flat();
}

/** What takes it down, in one way or another: a call, the end of a need or of a member of its group. */
function takeDown(stage: Stage, trigger: Trigger): Fault[] {
  const { draw, circle } = stage;
  const { siblings, needs } = circle;
  const names = draw.chance(65) ? ends : calls;
  const way = draw.integer(1, 100);
  if (way <= 40 && needs.length > 0) return atOnce(make(stage, names, trigger, draw.one(needs)));
  if (way <= 70 && circle.isGroup && siblings.length > 0) {
    return atOnce(make(stage, ends, trigger, draw.one(siblings)));
  }
  if (way <= 80) return fromAbove(stage, trigger);
  return make(stage, calls, trigger);
}

/** The system, or a supervisor above it, is asked to go down. */
function fromAbove(stage: Stage, trigger: Trigger): Fault[] {
  const { draw, grounds, swarm, path } = stage;
  if (grounds.isRestricted) return [];
  const above = grounds.tree.above(path).filter((each) => grounds.tree.get(each)?.parent);
  if (above.length === 0 || draw.chance(25)) {
    return faultOf(draw, grounds, swarm, ['shutdown', 'signal'], { trigger });
  }
  return faultOf(draw, grounds, swarm, calls, { target: draw.one(above), trigger });
}

function make(
  { draw, grounds, swarm, path }: Stage,
  names: readonly string[],
  trigger: Trigger,
  target: string = path,
): Fault[] {
  return faultOf(draw, grounds, swarm, names, { target, trigger });
}

/** The trigger alone says when. */
function atOnce(faults: readonly Fault[]): Fault[] {
  return faults.map((fault) =>
    fault.params && 'ms' in fault.params ? { ...fault, params: { ...fault.params, ms: 0 } } : fault,
  );
}

function readyOf(of: string, nth: number): Extract<Trigger, { when: string }> {
  return { when: 'ready', of, ...(nth > 1 && { nth }) };
}

/** How long a fault lets something take. */
function tookMs({ draw, grounds, swarm, path }: Stage, [slow]: readonly Fault[]): number {
  const ms = slow?.params?.ms;
  return typeof ms === 'number' ? ms : drawMs(draw, grounds, swarm, 0, longestMs, path);
}

/** Often just when it is over: what coincides is what is forgotten. */
function momentOf(draw: Draw, ms: number): number {
  if (draw.chance(45)) return ms;
  return draw.chance(30) ? 0 : draw.integer(0, ms);
}
