/** Scenes of what goes wrong with jobs. */
import type { Fault, Trigger } from '../plan.ts';
import { faultOf } from './companions.ts';
import type { Draw } from './draw.ts';
import { circleOf } from './neighbours.ts';
import { drawParams, withParams } from './params.ts';
import { make, type Stage, takeDown } from './stage.ts';
import type { Grounds, Swarm } from './swarm.ts';

/** Several things go wrong with jobs soon after each other, and perhaps their worker goes down. */
export function atQueues(draw: Draw, grounds: Grounds, swarm: Swarm, path: string): Fault[] {
  const at = draw.integer(0, Math.floor(grounds.horizonMs / 2));
  const kinds = grounds.kinds.filter(({ group }) => group === 'queue');
  const own = swarm.own.get(path) ?? [0];
  const faults = Array.from({ length: kinds.length > 0 ? draw.integer(2, 4) : 0 }, (): Fault => {
    const kind = draw.one(kinds);
    const soon = draw.chance(40) ? 0 : draw.chance(50) ? draw.one(own) : draw.integer(0, 2_000);
    return {
      kind: kind.name,
      trigger: { at: Math.min(grounds.horizonMs, at + soon) },
      ...(kind.strikes === 'body' && { target: path }),
      ...withParams(drawParams(draw, grounds, swarm, kind, path)),
    };
  });
  const stage = { draw, grounds, swarm, path, at, circle: circleOf(grounds, path) };
  if (draw.chance(30)) return backFromTheDead(stage);
  if (draw.chance(20)) return standingStill(stage, own);
  if (draw.chance(20)) return lostSightOf(stage);
  return [...faults, ...(draw.chance(30) ? takeDown(stage, { at: at + draw.one(own) }) : [])];
}

/** Some jobs are dead, others that come after them take their time, and the dead are tried again. */
function backFromTheDead(stage: Stage): Fault[] {
  const { draw, grounds, swarm, at } = stage;
  const soon = (): Trigger => ({ at: at + draw.integer(0, 2_000) });
  return [
    ...make(stage, ['jobRejects', 'jobRejects', 'poisonJob'], { at }),
    ...make(stage, ['jobHangs', 'jobHangs', 'jobIgnoresSignal'], soon()),
    ...faultOf(draw, grounds, swarm, ['redrive'], { trigger: soon() }),
  ];
}

/** The event loop stands still while jobs are on their way, perhaps until their leases are over. */
function standingStill({ draw, grounds, swarm, at }: Stage, own: readonly number[]): Fault[] {
  const stalls = faultOf(draw, grounds, swarm, ['eventLoopStall'], { trigger: { at } });
  return stalls.map((stall) => ({ ...stall, params: { ...stall.params, ms: draw.one(own) } }));
}

/** A job fails, nobody hears that this is stored, and the next attempt may be over before it is asked. */
function lostSightOf(stage: Stage): Fault[] {
  const { draw, grounds, swarm, at } = stage;
  const trigger = { at: at + draw.integer(0, 1_000) };
  return [
    ...make(stage, ['poisonJob'], { at }),
    ...faultOf(draw, grounds, swarm, ['ackLost'], { trigger }),
  ];
}
