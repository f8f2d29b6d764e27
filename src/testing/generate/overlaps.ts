/** Scenes in which one thing reaches into another that should have nothing to do with it. */
import type { Fault, Trigger } from '../plan.ts';
import { ends, failures } from './companions.ts';
import { circleOf, endsOfRows, groupsOf, supervisorOf } from './neighbours.ts';
import {
  after,
  atOnce,
  byHand,
  everybody,
  firstDelayOf,
  fromAbove,
  limitOf,
  longestMs,
  make,
  momentOf,
  mostlyBack,
  readyOf,
  type Stage,
  slowDown,
  slowEnds,
  startFailures,
} from './stage.ts';

/** Of a supervisor that allows more, the budget is not spent. */
const mostFailures = 6;

/** A group goes down, one after the other, while a member of it is still on its way up. */
export function arriving(stage: Stage): Fault[] {
  const { draw, grounds } = stage;
  const groups = groupsOf(grounds).filter(({ length }) => length > 2);
  // In a row, nobody is on the way up while others behind it are up, but for calls.
  const together = groups.filter(
    ([first = '']) => supervisorOf(grounds, first)?.order === 'parallel',
  );
  if (groups.length === 0) return [];
  const isCommon = together.length > 0 && draw.chance(90);
  const chosen = draw.some(draw.one(isCommon ? together : groups), 3);
  // In their order: the last one is asked first, and the others have to wait for it.
  const slow = draw.chance(80) ? (chosen.at(-1) as string) : draw.one(chosen);
  const rest = chosen.filter((path) => path !== slow);
  const late = draw.one(rest);
  const culprit = rest.find((path) => path !== late) as string;
  const incarnation = draw.chance(70) ? 1 : 2;
  const onTheWay = slowDown(stage, ['slowReady'], { on: late, incarnation }, late);
  const plus = draw.integer(0, onTheWay.ms);
  return [
    ...onTheWay.faults,
    ...slowDown(stage, slowEnds, { on: slow, incarnation }, slow).faults,
    ...atOnce(make(stage, failures, { ...readyOf(culprit, incarnation), plus }, culprit)),
    ...(incarnation > 1 ? make(stage, failures, { on: culprit, incarnation: 1 }, culprit) : []),
  ];
}

/**
 * The last of a group that is up takes its time to go down; just when it has, another that was not
 * asked yet ends by itself, and the group could come back at once.
 */
export function lastDown(stage: Stage): Fault[] {
  const { draw, grounds, at } = stage;
  const groups = groupsOf(grounds).filter(({ length }) => length > 2);
  if (groups.length === 0) return [];
  const isTemporary = (each: string) => grounds.tree.specAt(each)?.restart === 'temporary';
  // One that does not come back must not come back with its group, either.
  const passing = groups.filter((each) => each.slice(0, -1).some(isTemporary));
  const members = draw.one(passing.length > 0 && draw.chance(60) ? passing : groups);
  const slow = draw.chance(80) ? (members.at(-1) as string) : draw.one(members);
  const rest = members.filter((path) => path !== slow);
  const temporary = rest.filter(isTemporary);
  const ending = draw.one(temporary.length > 0 && draw.chance(60) ? temporary : rest);
  // With others between them: those have to do with the first alone.
  const isApart = rest.length > 2 && draw.chance(30);
  const other = isApart ? (rest.at(-1) as string) : ending;
  const culprit = isApart ? (rest[0] as string) : draw.one(rest.filter((path) => path !== other));
  const limitMs = limitOf(stage, slow, slowEnds);
  // The delay of its culprit is over by then, where the limit leaves time for that.
  const ms = draw.integer(Math.min(limitMs, firstDelayOf(stage, culprit) + 1), limitMs - 1);
  return [
    ...after(ms, make(stage, [...failures, 'exitClean'], { at }, other)),
    ...after(ms, make(stage, ['slowStop'], { at }, slow)),
    ...atOnce(make(stage, failures, { at }, culprit)),
  ];
}

/**
 * One on whom others rely has done its work, and while it gives back what it holds, its group goes
 * down: it will have to do it again.
 */
export function undone(stage: Stage): Fault[] {
  const { draw, grounds } = stage;
  const once = grounds.targets.flatMap((path) => {
    const { isGroup, siblings, dependants } = circleOf(grounds, path);
    const isOnce = grounds.tree.specAt(path)?.restart === 'transient';
    const isReliedOn = dependants.some((dependant) => !siblings.includes(dependant));
    return isOnce && isGroup && isReliedOn && siblings.length > 0 ? [{ path, siblings }] : [];
  });
  if (once.length === 0) return [];
  const { path, siblings } = draw.one(once);
  const incarnation = draw.chance(60) ? 1 : draw.integer(2, 5);
  const trigger: Trigger = { on: path, incarnation };
  const endsAfter = draw.logUniform(0, longestMs);
  const slow = slowDown(stage, ['slowCleanup', 'hangCleanup'], trigger, path);
  const plus = endsAfter + draw.integer(0, slow.ms);
  return [
    ...after(endsAfter, make(stage, ['exitClean'], trigger, path)),
    ...slow.faults,
    ...atOnce(make(stage, failures, { ...readyOf(path, incarnation), plus }, draw.one(siblings))),
  ];
}

/** A member of a group that waits to come back is started by hand, which takes it out, and fails. */
export function leaving(stage: Stage): Fault[] {
  const { draw, grounds, at } = stage;
  const groups = groupsOf(grounds);
  if (groups.length === 0) return [];
  // Whoever is in between is still of the group when the second fails.
  const rows = endsOfRows(grounds).filter(([first]) => firstDelayOf(stage, first) > 1);
  const isOfRow = rows.length > 0 && draw.chance(60);
  const [culprit = '', member = culprit] = isOfRow
    ? draw.one(rows)
    : draw.some(draw.one(groups), 2);
  const delayMs = Math.max(2, firstDelayOf(stage, culprit));
  const byHandMs = draw.integer(0, Math.floor(delayMs / 2));
  const failsAt = at + byHandMs + draw.integer(1, Math.ceil(delayMs / 2));
  return [
    ...atOnce(make(stage, failures, { at }, culprit)),
    ...make(stage, ['restartByHand'], { at: at + byHandMs }, member),
    ...atOnce(make(stage, ends, { at: failsAt }, member)),
  ];
}

/** Of several whose end may end their supervisor, one waits to be restarted while another ends for good. */
export function leavingOneBehind(stage: Stage): Fault[] {
  const { draw, grounds, at } = stage;
  const together = Map.groupBy(
    grounds.targets.filter((path) => grounds.tree.specAt(path)?.significant),
    (path) => path.slice(0, path.lastIndexOf('/')),
  );
  const several = [...together.values()].filter(({ length }) => length > 1);
  if (several.length === 0) return [];
  const [one = '', other = ''] = draw.some(draw.one(several), 2);
  const [first, second] = draw.chance(50) ? [one, other] : [other, one];
  const soonMs = draw.logUniform(0, longestMs);
  // Their work may be over long before the scene would begin.
  const begin = readyOf(second, draw.chance(70) ? 1 : 2);
  const isOfStart = draw.chance(60);
  const moment = (ms: number): Trigger =>
    isOfStart ? { ...begin, plus: soonMs + ms } : { at: at + ms };
  const gapMs = draw.chance(30) ? 0 : draw.integer(0, firstDelayOf(stage, first));
  return [
    ...atOnce(make(stage, failures, moment(0), first)),
    ...atOnce(make(stage, ['exitClean', 'exitClean', 'stopByHand'], moment(gapMs), second)),
  ];
}

/** Just as it begins once more, what is above it is asked to go down; and its start fails. */
export function calledOff(stage: Stage): Fault[] {
  const { draw, path } = stage;
  const incarnation = draw.chance(20) ? 1 : draw.integer(2, 3);
  const trigger: Trigger = { on: path, incarnation };
  return [
    ...failuresBefore(stage, incarnation),
    ...fromAbove(stage, trigger),
    ...make(stage, startFailures(stage), trigger),
  ];
}

/** It is given up, ends all the same at last, and its successor is being asked to end meanwhile. */
export function outliving(stage: Stage): Fault[] {
  const { draw, path, at } = stage;
  const givenUpAt = at + limitOf(stage, path, []);
  const againMs = draw.logUniform(1, longestMs);
  const ghost = make(stage, ['lateSettle'], { at });
  const ms = againMs + draw.logUniform(0, 2_000);
  const again: Trigger = { at: givenUpAt + againMs };
  return [
    ...ghost.map((fault) => ({ ...fault, params: { ...fault.params, ms } })),
    ...make(stage, ['restartByHand'], { at }),
    ...slowDown(stage, slowEnds, again).faults,
    ...make(stage, draw.chance(80) ? mostlyBack : ends, again),
  ];
}

/** It waits to be restarted, and so does perhaps who has to do with it; then somebody asks for something. */
export function waiting(stage: Stage): Fault[] {
  const { draw, circle, path, at } = stage;
  const delayMs = firstDelayOf(stage, path);
  const near = everybody(circle);
  const also = near.length > 0 && draw.chance(60) ? [draw.one(near)] : [];
  const strikes = Array.from({ length: draw.integer(1, 3) }, (_, nth) => {
    // Itself, or somebody whom that concerns.
    const target = near.length > 0 && draw.chance(nth === 0 ? 30 : 60) ? draw.one(near) : path;
    const names = draw.chance(75) ? byHand : ends;
    return make(stage, names, { at: at + momentOf(draw, Math.max(1, delayMs)) }, target);
  });
  return [
    ...[path, ...also].flatMap((each) => atOnce(make(stage, failures, { at }, each))),
    ...atOnce(strikes.flat()),
  ];
}

/** It fails in each of its lives before this one. */
function failuresBefore(stage: Stage, incarnation: number): Fault[] {
  const before = Array.from({ length: incarnation - 1 }, (_, nth) =>
    atOnce(make(stage, failures, { on: stage.path, incarnation: nth + 1 })),
  );
  return before.flat();
}

/** It is ready and fails, so many times one after the other. */
function flapping(stage: Stage, times: number): Fault[] {
  const ms = stage.draw.integer(0, 1);
  const flaps = make(stage, ['readyFlap'], { at: stage.at });
  return flaps.map((fault) => ({ ...fault, params: { times, ms } }));
}

/** It has ended, and before that is decided about, somebody asks for something. */
export function overtaken(stage: Stage): Fault[] {
  const { draw, circle, path } = stage;
  const nth = draw.chance(60) ? 1 : draw.integer(2, 3);
  const before = failuresBefore(stage, nth);
  const trigger: Trigger = { on: path, incarnation: nth };
  const end = after(
    draw.logUniform(0, longestMs),
    make(stage, [...failures, 'exitClean'], trigger),
  );
  const ended: Trigger = { when: 'ended', of: path, ...(nth > 1 && { nth }) };
  const calls = Array.from({ length: draw.integer(1, 2) }, () => {
    const way = draw.integer(1, 100);
    if (way <= 15) return fromAbove(stage, ended);
    const near = everybody(circle);
    const target = way <= 30 && near.length > 0 ? draw.one(near) : path;
    return make(stage, byHand, ended, target);
  });
  return [...before, ...end, ...calls.flat()];
}

/** It fails more often than its supervisor allows, and then something happens to it or near it. */
export function spent(given: Stage): Fault[] {
  const { draw, grounds } = given;
  const givenUp = grounds.targets.filter(
    (each) => supervisorOf(grounds, each)?.whenExhausted === 'give-up',
  );
  // Those who need it go down with it, and with their supervisor, at the same time.
  const needed = grounds.targets.filter((each) => {
    const { siblings, dependants } = circleOf(grounds, each);
    return siblings.some((sibling) => dependants.includes(sibling));
  });
  const inNeed = givenUp.filter((each) => circleOf(grounds, each).needs.length > 0);
  const preferred = [inNeed, givenUp, needed].filter(({ length }) => length > 0);
  const isAny = preferred.length === 0 || draw.chance(30);
  const path = isAny ? given.path : draw.one(draw.one(preferred));
  const circle = circleOf(grounds, path);
  const stage = { ...given, path, circle };
  const intensity = supervisorOf(grounds, path)?.intensity ?? mostFailures;
  const times = Math.min(intensity, mostFailures) + 1;
  // From its first life on, or from wherever it is by then.
  const failing = draw.chance(50)
    ? Array.from({ length: times }, (_, nth) =>
        make(stage, failures, { on: path, incarnation: nth + 1 }),
      )
    : [flapping(stage, times)];
  const near = everybody(circle);
  const strikes = Array.from({ length: draw.integer(1, 2) }, () => {
    const trigger: Trigger = { when: 'failed', of: path, plus: draw.logUniform(1, longestMs) };
    const target = near.length > 0 && draw.chance(80) ? draw.one(near) : path;
    return atOnce(make(stage, draw.chance(50) ? mostlyBack : ends, trigger, target));
  });
  // That what it needs is back must not be its concern any more.
  if (circle.needs.length > 0 && draw.chance(80)) {
    const trigger: Trigger = { when: 'failed', of: path, plus: draw.logUniform(1, longestMs) };
    const need = draw.one(circle.needs);
    strikes.push(atOnce(make(stage, ['restartByHand', ...failures], trigger, need)));
  }
  return [...failing.flat(), ...strikes.flat()];
}
