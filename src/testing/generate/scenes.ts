import type { Fault, Trigger } from '../plan.ts';
import { nearTo } from './choose.ts';
import { calls, ends, faultOf } from './companions.ts';
import type { Draw } from './draw.ts';
import type { Grounds, Swarm } from './swarm.ts';

/** Faults about one place that matter only together. */
type Scene = (draw: Draw, grounds: Grounds, swarm: Swarm, path: string) => Fault[];

const scenes: readonly Scene[] = [goingDown, goingDown, comingUp, againByHand, givingBack, lives];

/** The longest that somebody takes their time where no limit of the tree is drawn, in milliseconds. */
const longestMs = 5_000;

/** What goes wrong while a place is on its way down or up, or after somebody has taken it down. */
export function drawScene(draw: Draw, grounds: Grounds, swarm: Swarm): Fault[] {
  return draw.one(scenes)(draw, grounds, swarm, draw.one(swarm.targets));
}

/** Somebody takes it down, it takes its time, and meanwhile somebody near is struck. */
function goingDown(draw: Draw, grounds: Grounds, swarm: Swarm, path: string): Fault[] {
  const incarnation = draw.chance(80) ? 1 : 2;
  const slow = faultOf(draw, grounds, swarm, ['slowStop', 'slowStop', 'slowCleanup', 'hangStop'], {
    target: path,
    trigger: { on: path, incarnation },
  });
  const ms = tookMs(draw, slow);
  const isUp: Trigger = {
    when: 'ready',
    of: path,
    ...(incarnation > 1 && { nth: incarnation }),
    plus: draw.logUniform(0, longestMs),
  };
  return [
    ...slow,
    ...strikeNear(draw, grounds, swarm, path, isUp),
    ...meanwhile(draw, grounds, swarm, path, () => ({
      when: 'stop-requested',
      of: path,
      plus: momentOf(draw, ms),
    })),
  ];
}

/** It ends by itself, takes its time to give back what it holds, and meanwhile somebody near is struck. */
function givingBack(draw: Draw, grounds: Grounds, swarm: Swarm, path: string): Fault[] {
  const incarnation = draw.integer(1, 2);
  const trigger: Trigger = { on: path, incarnation };
  const end = faultOf(draw, grounds, swarm, ends, { target: path, trigger });
  const slow = faultOf(draw, grounds, swarm, ['slowCleanup', 'slowCleanup', 'hangCleanup'], {
    target: path,
    trigger,
  });
  const endsAfter = tookMs(draw, end);
  const ms = tookMs(draw, slow);
  return [
    ...end,
    ...slow,
    ...meanwhile(draw, grounds, swarm, path, () => ({
      when: 'ready',
      of: path,
      ...(incarnation > 1 && { nth: incarnation }),
      plus: endsAfter + momentOf(draw, ms),
    })),
  ];
}

/** Several lives of it, each of which ends for a reason of its own after a time that matters. */
function lives(draw: Draw, grounds: Grounds, swarm: Swarm, path: string): Fault[] {
  const own = swarm.own.get(path) ?? [];
  const faults = Array.from({ length: draw.integer(2, 4) }, (_, index): Fault[] => {
    const incarnation = index + 1;
    if (draw.chance(50)) {
      return faultOf(draw, grounds, swarm, ends, {
        target: path,
        trigger: { on: path, incarnation },
      });
    }
    const plus = own.length > 0 && draw.chance(60) ? draw.one(own) : draw.logUniform(0, longestMs);
    const nth = incarnation > 1 ? { nth: incarnation } : {};
    return strikeNear(draw, grounds, swarm, path, { when: 'ready', of: path, ...nth, plus });
  });
  return faults.flat();
}

/** It takes its time to come up, and meanwhile somebody near is struck. */
function comingUp(draw: Draw, grounds: Grounds, swarm: Swarm, path: string): Fault[] {
  const incarnation = draw.integer(1, 3);
  const before = Array.from({ length: incarnation - 1 }, (_, nth) =>
    faultOf(draw, grounds, swarm, ends, {
      target: path,
      trigger: { on: path, incarnation: nth + 1 },
    }),
  );
  const slow = faultOf(draw, grounds, swarm, ['slowReady'], {
    target: path,
    trigger: { on: path, incarnation },
  });
  const ms = tookMs(draw, slow);
  return [
    ...before.flat(),
    ...slow,
    ...meanwhile(draw, grounds, swarm, path, () => ({
      when: 'starting',
      of: path,
      ...(incarnation > 1 && { nth: incarnation }),
      plus: momentOf(draw, ms),
    })),
  ];
}

/** It is down for good, somebody starts it by hand, and what begins then fails. */
function againByHand(draw: Draw, grounds: Grounds, swarm: Swarm, path: string): Fault[] {
  const isUp: Trigger = { when: 'ready', of: path, plus: draw.logUniform(0, longestMs) };
  const down = draw.chance(30)
    ? faultOf(draw, grounds, swarm, ['restartByHand'], { target: path, trigger: isUp })
    : [
        ...faultOf(draw, grounds, swarm, ['stopByHand', 'stopByHand', 'exitClean'], {
          target: path,
          trigger: isUp,
          isAtOnce: true,
        }),
        ...faultOf(draw, grounds, swarm, ['startByHand'], {
          target: path,
          trigger: {
            when: draw.chance(80) ? 'stopped' : 'failed',
            of: path,
            plus: draw.chance(50) ? 0 : draw.logUniform(0, longestMs),
          },
        }),
      ];
  const starts = grounds.kinds.flatMap(({ name, group }) => (group === 'start' ? [name] : []));
  const failing = Array.from({ length: draw.integer(1, 2) }, (_, nth) =>
    faultOf(draw, grounds, swarm, draw.chance(70) ? starts : ends, {
      target: path,
      trigger: { on: path, incarnation: 2 + nth },
    }),
  );
  return [...down, ...failing.flat()];
}

/** One or two who have to do with it, at a moment of the time that it takes. */
function meanwhile(
  draw: Draw,
  grounds: Grounds,
  swarm: Swarm,
  path: string,
  trigger: () => Trigger,
): Fault[] {
  const strikes = Array.from({ length: draw.chance(70) ? 1 : 2 }, () =>
    strikeNear(draw, grounds, swarm, path, trigger()),
  );
  return strikes.flat();
}

/** Itself, a neighbour, or everything at or above it. */
function strikeNear(
  draw: Draw,
  grounds: Grounds,
  swarm: Swarm,
  path: string,
  trigger: Trigger,
): Fault[] {
  const way = draw.integer(1, 100);
  if (way <= 25 && !grounds.isRestricted) {
    const above = grounds.tree.above(path).filter((each) => grounds.tree.get(each)?.parent);
    if (above.length === 0 || draw.chance(30)) {
      return faultOf(draw, grounds, swarm, ['shutdown', 'signal'], { trigger });
    }
    return faultOf(draw, grounds, swarm, calls, { target: draw.one(above), trigger });
  }
  const near = nearTo(grounds, path);
  const target = near.length > 0 && way <= 80 ? draw.one(near) : path;
  const names = draw.chance(65) ? ends : calls;
  return faultOf(draw, grounds, swarm, names, { target, trigger, isAtOnce: true });
}

/** How long a fault lets something take. */
function tookMs(draw: Draw, [slow]: readonly Fault[]): number {
  const ms = slow?.params?.ms;
  return typeof ms === 'number' ? ms : draw.logUniform(0, longestMs);
}

/** Often just when it is over: what coincides is what is forgotten. */
function momentOf(draw: Draw, ms: number): number {
  if (draw.chance(45)) return ms;
  return draw.chance(30) ? 0 : draw.integer(0, ms);
}
