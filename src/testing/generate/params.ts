import type { FaultKind, ParamRange } from '../fault-kind.ts';
import type { FaultParams } from '../plan.ts';
import type { Draw } from './draw.ts';
import type { Grounds, Swarm } from './swarm.ts';

/** When a fault strikes, in milliseconds since the boot. */
export function timeFor(draw: Draw, grounds: Grounds, swarm: Swarm): number {
  const until = Math.max(1, grounds.horizonMs - (grounds.healMs ?? 0));
  // The times of a tree are short: by them alone all would happen while it boots.
  if (draw.chance(50)) return draw.integer(0, until);
  return Math.min(until, drawMs(draw, grounds, swarm, 0, until));
}

export function withParams(params: FaultParams): { params?: FaultParams } {
  return Object.keys(params).length > 0 ? { params } : {};
}

export function drawParams(
  draw: Draw,
  grounds: Grounds,
  swarm: Swarm,
  kind: FaultKind,
  target: string | undefined,
): FaultParams {
  const params: Record<string, number | string | boolean> = {};
  const ranges = target === undefined ? undefined : kind.paramsAt?.(grounds.tree, target);
  for (const [name, range] of Object.entries(ranges ?? kind.params)) {
    params[name] = drawParam(draw, grounds, swarm, range, target);
  }
  return params;
}

function drawParam(
  draw: Draw,
  grounds: Grounds,
  swarm: Swarm,
  range: ParamRange,
  target: string | undefined,
): number | string | boolean {
  switch (range.kind) {
    case 'choice':
      return draw.chance(50) ? (range.of[0] ?? 0) : draw.one(range.of);
    case 'integer': {
      const most = Math.max(Math.abs(range.min), Math.abs(range.max));
      if (most <= 1_000) return draw.integer(range.min, range.max);
      const size = draw.logUniform(1, most);
      const signed = range.min < 0 && draw.chance(50) ? -size : size;
      return Math.min(range.max, Math.max(range.min, signed));
    }
    case 'ms':
      return drawMs(draw, grounds, swarm, range.min, range.max, target);
  }
}

/** Half of all times are boundaries of the tree itself. */
export function drawMs(
  draw: Draw,
  grounds: Grounds,
  swarm: Swarm,
  min: number,
  max: number,
  target?: string,
): number {
  if (draw.chance(50)) {
    const own = target === undefined ? undefined : swarm.own.get(target);
    const others = draw.chance(50) ? swarm.boundaries : grounds.boundaries;
    const ms = draw.one(own && own.length > 0 && draw.chance(60) ? own : others);
    if (ms >= min && ms <= Math.min(max, grounds.horizonMs / 2)) return ms;
  }
  return draw.logUniform(min, Math.max(min, Math.min(max, swarm.scaleMs)));
}
