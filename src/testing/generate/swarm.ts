import { parseDuration } from '../../../actors/rules/duration.ts';
import type { FaultKind } from '../fault-kind.ts';
import type { Fault, FaultPlan, Trigger } from '../plan.ts';
import { withPolicies } from '../policies.ts';
import { TreeInfo } from '../tree-info.ts';
import { boundariesAt, boundariesOf, boundariesOfPolicies } from './boundaries.ts';
import { drawTargets, fewKinds, weightOf } from './choose.ts';
import { companionsOf, drawFinale } from './companions.ts';
import type { Draw } from './draw.ts';
import { drawMs, drawParams, timeFor, withParams } from './params.ts';
import { drawScene } from './scenes.ts';
import { type FaultSelection, selectedKinds, selectedTargets } from './selection.ts';
import { drawPolicies, withPatience } from './vary.ts';

/** What all plans for a tree are drawn from. */
export interface Grounds {
  readonly tree: TreeInfo;
  readonly kinds: readonly FaultKind[];
  readonly targets: readonly string[];
  readonly boundaries: readonly number[];
  readonly maxFaults: number;
  readonly weights: Readonly<Record<string, number>>;
  /** The user named the places that are struck. */
  readonly isRestricted: boolean;
  readonly healMs: number | undefined;
  readonly horizonMs: number;
}

export function groundsOf(tree: TreeInfo, selection: FaultSelection, horizonMs: number): Grounds {
  const { max = 20, weights = {}, healBefore } = selection;
  const targets = selectedTargets(tree, selection);
  const isRestricted = selection.targets !== undefined;
  const kinds = selectedKinds(tree, selection);
  return {
    tree,
    kinds: isRestricted ? kinds.filter((kind) => strikesAny(kind, tree, targets)) : kinds,
    targets,
    boundaries: boundariesOf(tree),
    maxFaults: max,
    weights,
    isRestricted,
    healMs: healBefore === undefined ? undefined : parseDuration(healBefore),
    horizonMs,
  };
}

function strikesAny(kind: FaultKind, tree: TreeInfo, targets: readonly string[]): boolean {
  const possible = kind.targets?.(tree);
  return !possible || possible.some((path) => targets.includes(path));
}

/** What one plan is drawn from: a few kinds on a few services find more than all on all. */
export interface Swarm {
  readonly kinds: readonly FaultKind[];
  readonly targets: readonly string[];
  /** The longest time that is drawn. */
  readonly scaleMs: number;
  /** The highest incarnation that is struck. */
  readonly incarnations: number;
  /** Out of a hundred faults, how many come as a series over successive incarnations. */
  readonly inSeries: number;
  /** The same, of those that strike several services at one instant. */
  readonly inUnison: number;
  /** The same, of those that come again after a time at which something changes. */
  readonly echoed: number;
  /** By target: the last incarnation whose end is planned. */
  readonly ends: Map<string, number>;
  /** Times at which something changes. */
  readonly boundaries: readonly number[];
  /** The same for each target. */
  readonly own: ReadonlyMap<string, readonly number[]>;
}

/** Events that are worth striking at: something is just being decided. */
export const turningPoints = [
  'starting',
  'ready',
  'ended',
  'backoff',
  'stop-requested',
  'suspended',
  'waiting',
  'escalated',
  'unstopped',
  'start-failed',
  'phase',
  'stopped',
  'failed',
] as const;

export function drawPlan(draw: Draw, original: Grounds): FaultPlan {
  const { horizonMs } = original;
  const half = Math.floor(horizonMs / 2);
  const healMs = original.healMs ?? (draw.chance(50) ? half : 0);
  const choices = drawChoices(draw);
  const targets = drawTargets(draw, original);
  // An act takes three or four of them.
  const most = Math.max(6, Math.floor(original.maxFaults / 4));
  const acts = draw.chance(20) ? 0 : draw.integer(Math.ceil(most / 3), most);
  const varied = draw.chance(50) ? drawPolicies(draw, original.tree, targets) : {};
  // Who gives up in the first act shows nothing of the others.
  const policy = acts > 1 && draw.chance(70) ? withPatience(draw, original.tree, varied) : varied;
  const seed = draw.integer(1, 2 ** 31 - 1);
  const rest = { choices, policy, horizonMs, ...(healMs > 0 && { healMs }), seed };
  if (original.kinds.length === 0 || targets.length === 0) return { faults: [], ...rest };
  // As the run has it.
  const tree = new TreeInfo(withPolicies(original.tree.root, policy));
  const kinds = drawKinds(draw, original.kinds);
  const grounds = { ...original, tree, kinds };
  const changed = boundariesOfPolicies(tree, policy);
  const swarm: Swarm = {
    kinds: draw.chance(60) ? fewKinds(draw, grounds) : kinds,
    targets,
    scaleMs: draw.logUniform(1, horizonMs),
    incarnations: draw.chance(60) ? 3 : 12,
    inSeries: draw.chance(40) ? 60 : 10,
    inUnison: draw.chance(25) ? 50 : 5,
    echoed: draw.chance(25) ? 50 : 5,
    ends: new Map(),
    // Few times, so that they coincide.
    own: new Map(
      [...new Set([...targets, ...grounds.targets])].map((path) => [
        path,
        boundariesAt(tree, path),
      ]),
    ),
    boundaries: draw.some(changed.length > 2 ? changed : grounds.boundaries, draw.integer(3, 30)),
  };
  const scenes = Array.from({ length: acts }, () => drawScene(draw, grounds, swarm)).flat();
  const count = drawCount(draw, acts > 0 ? Math.min(4, grounds.maxFaults) : grounds.maxFaults);
  const faults: Fault[] = [];
  const isPaired = draw.chance(40);
  while (faults.length < count) {
    const drawn = drawFaults(draw, grounds, swarm);
    faults.push(...drawn);
    if (isPaired && drawn[0]) faults.push(...companionsOf(draw, grounds, swarm, drawn[0]));
  }
  // One that comes early leaves nothing of the other acts.
  const finale = draw.chance(acts > 1 ? 10 : 35) ? drawFinale(draw, grounds, swarm) : [];
  const last = [...scenes, ...finale].slice(0, grounds.maxFaults);
  const kept = grounds.maxFaults - last.length;
  return { faults: [...faults.slice(0, Math.min(count, kept)), ...last], ...rest };
}

/** Mostly none that ends the whole system: nothing that is planned for later would happen. */
function drawKinds(draw: Draw, all: readonly FaultKind[]): readonly FaultKind[] {
  const others = all.filter(({ group, isLasting }) => group !== 'system' || !isLasting);
  return others.length > 0 && draw.chance(60) ? others : all;
}

function drawCount(draw: Draw, most: number): number {
  return draw.chance(50) ? draw.integer(1, most) : draw.logUniform(1, most);
}

/** One fault; or the same over several incarnations, on several services, or again and again. */
function drawFaults(draw: Draw, grounds: Grounds, swarm: Swarm): Fault[] {
  const kind = draw.weighted(swarm.kinds, (each) => weightOf(grounds, each));
  const target = targetOf(draw, grounds, swarm, kind);
  const fault = drawFault(draw, grounds, swarm, kind, target);
  const { trigger } = fault;
  if (
    kind.strikes === 'body' &&
    !kind.targets &&
    swarm.targets.length > 1 &&
    draw.chance(swarm.inUnison)
  ) {
    const at = timeFor(draw, grounds, swarm);
    const { target: _own, ...same } = fault;
    return draw
      .some(swarm.targets, draw.integer(2, 4))
      .map((path) => ({ ...same, trigger: { at }, target: path }));
  }
  if ('at' in trigger && draw.chance(swarm.echoed)) {
    const own = target === undefined ? undefined : swarm.own.get(target);
    const gap = draw.one(own && own.length > 0 && draw.chance(70) ? own : swarm.boundaries);
    const last = grounds.horizonMs;
    return Array.from({ length: draw.integer(2, 5) }, (_, nth) => ({
      ...fault,
      trigger: { at: Math.min(last, trigger.at + nth * gap) },
    }));
  }
  if (kind.strikes === 'system' || !('on' in trigger) || !draw.chance(swarm.inSeries)) {
    return [fault];
  }
  const length = draw.integer(2, 8);
  if (kind.endsIt) swarm.ends.set(trigger.on, trigger.incarnation + length - 1);
  return Array.from({ length }, (_, nth) => ({
    ...fault,
    trigger: { on: trigger.on, incarnation: trigger.incarnation + nth },
    ...(nth > 0 && draw.chance(30) && withParams(drawParams(draw, grounds, swarm, kind, target))),
  }));
}

function drawFault(
  draw: Draw,
  grounds: Grounds,
  swarm: Swarm,
  kind: FaultKind,
  target: string | undefined,
): Fault {
  const trigger = drawTrigger(draw, grounds, swarm, kind, target);
  const isImplied = 'on' in trigger && trigger.on === target;
  return {
    kind: kind.name,
    trigger,
    ...(target !== undefined && !isImplied && { target }),
    ...withParams(drawParams(draw, grounds, swarm, kind, target)),
  };
}

function targetOf(draw: Draw, grounds: Grounds, swarm: Swarm, kind: FaultKind): string | undefined {
  if (kind.strikes === 'body' && !kind.targets) return draw.one(swarm.targets);
  const possible = kind.targets?.(grounds.tree);
  if (!possible?.length) return undefined;
  const supervisors = possible.filter((path) => grounds.tree.get(path)?.spec.kind === 'supervisor');
  if (!grounds.isRestricted && supervisors.length > 0 && draw.chance(30)) {
    return draw.one(supervisors);
  }
  const wanted = possible.filter((path) => swarm.targets.includes(path));
  const allowed = possible.filter((path) => grounds.targets.includes(path));
  if (wanted.length > 0) return draw.one(wanted);
  return allowed.length > 0 ? draw.one(allowed) : draw.one(possible);
}

function drawTrigger(
  draw: Draw,
  grounds: Grounds,
  swarm: Swarm,
  kind: FaultKind,
  target: string | undefined,
): Trigger {
  const way = draw.integer(1, 100);
  const isService = target !== undefined && grounds.tree.specAt(target)?.kind === 'service';
  const path = isService ? target : draw.one(swarm.targets);
  if (way <= (kind.strikes === 'body' ? 60 : 25)) {
    // A first start that fails ends the boot, and with it the run: seldom.
    const spec = grounds.tree.specAt(path);
    const isRetried = spec?.kind === 'service' && spec.firstStart === 'retry';
    const isOfBoot = grounds.tree.get(path) !== undefined && !isRetried;
    const isFatal = kind.group === 'start' && isOfBoot && !draw.chance(10);
    const incarnation = Math.max(isFatal ? 2 : 1, drawIncarnation(draw, swarm, path));
    if (kind.endsIt) swarm.ends.set(path, Math.max(incarnation, swarm.ends.get(path) ?? 0));
    return { on: path, incarnation };
  }
  const { horizonMs } = grounds;
  if (way <= 80) return { at: timeFor(draw, grounds, swarm) };
  const plus = draw.chance(50) ? draw.integer(0, 1) : drawMs(draw, grounds, swarm, 0, horizonMs);
  return {
    when: draw.one(turningPoints),
    ...(draw.chance(60) && { of: draw.chance(50) ? path : draw.one(swarm.targets) }),
    ...(draw.chance(50) && { nth: draw.integer(1, swarm.incarnations) }),
    ...(plus > 0 && { plus }),
  };
}

/** Mostly one that there will be: each follows on an end that is planned. */
function drawIncarnation(draw: Draw, swarm: Swarm, path: string): number {
  const next = (swarm.ends.get(path) ?? 0) + 1;
  const way = draw.integer(1, 100);
  if (way <= 50) return next;
  return draw.integer(1, way <= 85 ? next : swarm.incarnations);
}

/** Mostly in order: a tape that turns everything round finds less than one that seldom does. */
function drawChoices(draw: Draw): readonly number[] {
  if (draw.chance(50)) return [];
  const fifo = draw.one([95, 80, 50]);
  const length = draw.logUniform(1, 200);
  return Array.from({ length }, () => (draw.chance(fifo) ? 0 : draw.integer(1, 3)));
}
