import type { Fault, Trigger } from '../plan.ts';
import { ends, failures, faultOf } from './companions.ts';
import {
  groupsOf,
  isOptional,
  pathsOfNeeds,
  redoneWorkIn,
  rowsOf,
  severalNeeds,
} from './neighbours.ts';
import {
  after,
  atOnce,
  byHand,
  firstDelayOf,
  fromAbove,
  longestMs,
  make,
  momentOf,
  mostlyBack,
  type Stage,
  slowDown,
  slowEnds,
  strike,
} from './stage.ts';

/** The longest way along needs that one scene is about. */
const mostSteps = 4;

/**
 * A member of a group ends, so that others go down with it: one of them takes its time, another
 * comes back slowly, and meanwhile something happens to a third.
 */
export function inGroup(stage: Stage): Fault[] {
  const { draw, grounds, at } = stage;
  const groups = groupsOf(grounds);
  if (groups.length === 0) return [];
  const members = draw.one(groups);
  // In their order: the last one is asked first, and the others have to wait for it.
  const chosen = draw.some(members, 3);
  const slow = (draw.chance(70) ? chosen.at(-1) : draw.one(chosen)) as string;
  const rest = chosen.filter((path) => path !== slow);
  const culprit = draw.one(rest);
  const other = rest.find((path) => path !== culprit) ?? slow;
  const late = draw.one(rest);
  const end = atOnce(make(stage, failures, { at }, culprit));
  const stays = slowDown(stage, slowEnds, { at }, slow);
  const comes = slowDown(stage, ['slowReady'], { at }, late);
  const isSlowBack = draw.chance(40);
  const delayMs = firstDelayOf(stage, culprit);
  const backMs = Math.max(stays.ms, delayMs);
  const strikes = Array.from({ length: draw.integer(1, 2) }, () => {
    const isBack = isSlowBack && draw.chance(50);
    const ms = isBack ? backMs + momentOf(draw, comes.ms) : momentOf(draw, stays.ms);
    const moment = (plus: number) => ({ at: at + plus });
    if (draw.chance(10)) return fromAbove({ ...stage, path: slow }, moment(ms));
    const names = draw.chance(75) ? ends : mostlyBack;
    return [
      ...strike(stage, names, draw.chance(70) ? other : draw.one(members), moment, ms),
      ...(isBack ? slowDown(stage, slowEnds, moment(ms), draw.one(members)).faults : []),
    ];
  });
  return [...strikes.flat(), ...stays.faults, ...(isSlowBack ? comes.faults : []), ...end];
}

/**
 * Something goes down, and whoever needs it, if only through others, goes before it: the last of them
 * takes its time, and meanwhile something happens to one in between.
 */
export function alongNeeds(stage: Stage): Fault[] {
  const { draw, grounds, at } = stage;
  const ways = pathsOfNeeds(grounds, mostSteps);
  if (ways.length === 0) return [];
  const way = draw.one(ways);
  const [first = ''] = way;
  const last = way.at(-1) ?? first;
  const slow = slowDown(stage, slowEnds, { at }, last);
  // A stop by hand waits for those who need it, and what comes from above must not wait as well.
  const isByHand = draw.chance(40);
  const down = atOnce(make(stage, isByHand ? mostlyBack : ends, { at }, first));
  const late = draw.chance(30) ? slowDown(stage, ['slowReady'], { at }, draw.one(way)).faults : [];
  const strikes = Array.from({ length: draw.integer(1, 2) }, () => {
    const moment = (plus: number) => ({ at: at + plus });
    const ms = momentOf(draw, slow.ms);
    if (draw.chance(isByHand ? 60 : 35)) {
      const path = draw.chance(50) ? first : draw.one(way);
      return fromAbove({ ...stage, path }, moment(ms));
    }
    // Who is on its way out is also asked for something itself.
    if (draw.chance(25)) return make(stage, byHand, moment(ms), last);
    const target = way.length > 2 && draw.chance(60) ? draw.one(way.slice(1, -1)) : draw.one(way);
    return strike(stage, draw.chance(60) ? ends : byHand, target, moment, ms);
  });
  return [...strikes.flat(), ...slow.faults, ...late, ...down];
}

/**
 * Something is taken down and stays away for a while, or takes its time to come up at all; and those
 * who need it, if only through others, are asked for this and that, or fail, while they wait or go on
 * without.
 */
export function withoutNeed(stage: Stage): Fault[] {
  const { draw, grounds } = stage;
  const ways = pathsOfNeeds(grounds, mostSteps);
  const isOfBoot = draw.chance(40);
  const long = ways.filter(({ length }) => length > 2);
  // At the boot one waits also for what it can do without.
  const loose = long.filter((way) => isOptional(grounds, way.at(-1) ?? '', way.at(-2) ?? ''));
  const preferred = isOfBoot && loose.length > 0 ? loose : long;
  const drawn = preferred.length > 0 && draw.chance(70) ? preferred : ways;
  const [first = '', ...others] = drawn.length > 0 ? draw.one(drawn) : [];
  if (others.length === 0) return [];
  const at = isOfBoot ? 0 : stage.at;
  const strikes = draw.integer(isOfBoot ? 1 : 2, 4);
  const slow = slowDown(stage, ['slowReady'], { on: first, incarnation: 1 }, first);
  const gapMs = isOfBoot ? Math.floor(slow.ms / (strikes + 1)) : draw.logUniform(1, longestMs);
  const moments = Array.from({ length: strikes }, (_, nth) => ({ at: at + (nth + 1) * gapMs }));
  const isBack = !isOfBoot && draw.chance(70);
  return [
    ...(isOfBoot ? slow.faults : make(stage, ['stopByHand'], { at }, first)),
    ...moments.flatMap((moment) => {
      if (isOfBoot && draw.chance(30)) return fromAbove({ ...stage, path: first }, moment);
      return atOnce(make(stage, draw.chance(70) ? byHand : ends, moment, draw.one(others)));
    }),
    ...(isBack ? make(stage, ['startByHand'], { at: at + (strikes + 1) * gapMs }, first) : []),
  ];
}

/**
 * One of several things that somebody needs fails and takes its time to come up again, and meanwhile
 * something happens to the others.
 */
export function betweenNeeds(stage: Stage): Fault[] {
  const { draw, grounds, at } = stage;
  const all = severalNeeds(grounds);
  if (all.length === 0) return [];
  const spareOf = ([path, needs]: (typeof all)[number]) =>
    needs.filter((need) => isOptional(grounds, path, need));
  // Of what it can do without it should not notice more than of any other.
  const loose = all.filter((each) => spareOf(each).length > 1);
  const chosen = draw.one(loose.length > 0 && draw.chance(50) ? loose : all);
  const [, needs] = chosen;
  const spare = spareOf(chosen);
  const near = spare.length > 1 && draw.chance(80) ? spare : needs;
  const first = draw.one(spare.length > 0 && draw.chance(60) ? spare : near);
  const others = near.filter((need) => need !== first);
  const slow = slowDown(stage, ['slowReady'], { at }, first);
  const delayMs = firstDelayOf(stage, first);
  const strikes = Array.from({ length: draw.integer(1, 2) }, () => {
    const moment = { at: at + delayMs + draw.integer(0, slow.ms) };
    return atOnce(make(stage, draw.chance(60) ? ends : mostlyBack, moment, draw.one(others)));
  });
  return [...strikes.flat(), ...slow.faults, ...atOnce(make(stage, failures, { at }, first))];
}

/**
 * Work that was done goes down with a group, to be done again, and until then something is asked of
 * those outside who rely on it.
 */
export function untilRedone(stage: Stage): Fault[] {
  const { draw, grounds, at } = stage;
  const all = redoneWorkIn(grounds);
  if (all.length === 0) return [];
  const { culprits, dependants } = draw.one(all);
  const culprit = draw.one(culprits);
  const isSlow = draw.chance(40);
  const slow = slowDown(stage, slowEnds, { at }, draw.one(culprits));
  const waitMs = Math.max(1, firstDelayOf(stage, culprit), isSlow ? slow.ms : 0);
  const strikes = Array.from({ length: draw.integer(1, 2) }, () => {
    const moment = { at: at + draw.integer(0, waitMs) };
    return make(stage, draw.chance(80) ? mostlyBack : ends, moment, draw.one(dependants));
  });
  return [
    ...(isSlow ? slow.faults : []),
    ...atOnce(make(stage, failures, { at }, culprit)),
    ...atOnce(strikes.flat()),
  ];
}

/**
 * A supervisor goes down, something far below it takes its time, and meanwhile one further up goes
 * down too, or the system: what is asked to stop already has less time than it thought.
 */
export function upTheTree(stage: Stage): Fault[] {
  const { draw, grounds, swarm, at } = stage;
  if (grounds.isRestricted) return [];
  const deep = grounds.targets.filter((path) => supervisorsAbove(stage, path).length > 0);
  if (deep.length === 0) return [];
  const path = draw.one(deep);
  const below = supervisorsAbove(stage, path);
  const slow = slowDown(stage, slowEnds, { at }, path);
  const first = draw.integer(0, below.length - 1);
  const down = (target: string, trigger: Trigger) =>
    faultOf(draw, grounds, swarm, ['stopByHand', 'restartByHand'], { target, trigger });
  const further = below[first + 1];
  const moment = { at: at + draw.logUniform(0, Math.floor(slow.ms / 2)) };
  return [
    ...slow.faults,
    ...down(draw.chance(30) ? path : (below[first] ?? path), { at }),
    ...(further === undefined || draw.chance(25)
      ? faultOf(draw, grounds, swarm, ['shutdown', 'signal'], { trigger: moment })
      : down(further, moment)),
  ];
}

/**
 * In a row somebody takes their time to come up, and meanwhile somebody asks for something of those
 * behind it, who have not begun yet: at the boot, or when their supervisor starts again.
 */
export function notBegun(stage: Stage): Fault[] {
  const { draw, grounds } = stage;
  if (grounds.isRestricted) return [];
  const isOfBoot = draw.chance(40);
  const rows = rowsOf(grounds).filter(({ path }) => isOfBoot || grounds.tree.get(path)?.parent);
  if (rows.length === 0) return [];
  const { path, items } = draw.one(rows);
  const nth = draw.integer(1, items.length - 1);
  const first = belowAny(grounds.targets, items.slice(0, nth));
  const behind = items.slice(nth);
  const supervisors = behind.filter((each) => grounds.tree.specAt(each)?.kind === 'supervisor');
  if (first.length === 0) return [];
  const at = isOfBoot ? 0 : stage.at;
  const late = draw.one(first);
  const slow = slowDown(
    stage,
    ['slowReady'],
    isOfBoot ? { on: late, incarnation: 1 } : { at },
    late,
  );
  const moment = { at: at + draw.integer(0, slow.ms) };
  const target = draw.one(supervisors.length > 0 && draw.chance(60) ? supervisors : behind);
  const again = { at: at + slow.ms + draw.logUniform(1, longestMs) };
  return [
    ...slow.faults,
    ...(isOfBoot ? [] : make(stage, ['restartByHand'], { at }, path)),
    ...make(stage, ['stopByHand', ...byHand], moment, target),
    ...(draw.chance(30) ? make(stage, ['startByHand'], again, target) : []),
  ];
}

/**
 * A dynamic supervisor is asked for more children than it may have, mostly: some of them fail, and hold
 * their place while they wait to be restarted, or take their time to give it back.
 */
export function crowded(stage: Stage): Fault[] {
  const { draw, grounds, at } = stage;
  const pools = Map.groupBy(
    grounds.targets.filter((path) => !grounds.tree.get(path)),
    (path) => path.slice(0, path.lastIndexOf('/')),
  );
  if (pools.size === 0) return [];
  const [pool, children] = draw.one([...pools]);
  const again = { at: at + draw.logUniform(0, longestMs) };
  const struck = draw
    .some(children, draw.integer(0, 2))
    .flatMap((child) => [
      ...slowDown(stage, slowEnds, { at }, child).faults,
      ...after(draw.logUniform(0, longestMs), make(stage, ends, { at }, child)),
    ]);
  return [
    ...make(stage, ['startChildren'], { at }, pool),
    ...struck,
    ...make(stage, ['startChildren', 'startChildren', ...byHand], again, pool),
  ];
}

function belowAny(targets: readonly string[], items: readonly string[]): readonly string[] {
  return targets.filter((path) =>
    items.some((item) => path === item || path.startsWith(`${item}/`)),
  );
}

/** The nearest first, the root left out. */
function supervisorsAbove({ grounds: { tree } }: Stage, path: string): readonly string[] {
  return tree.above(path).filter((each) => tree.get(each)?.parent);
}
