/** Scenes in which one thing reaches into another that should have nothing to do with it. */
import type { Fault, Trigger } from '../plan.ts';
import { ends, failures } from './companions.ts';
import { circleOf, groupsOf, supervisorOf } from './neighbours.ts';
import {
  atOnce,
  byHand,
  everybody,
  firstDelayOf,
  limitOf,
  longestMs,
  make,
  momentOf,
  mostlyBack,
  readyOf,
  type Stage,
  slowDown,
  slowEnds,
} from './stage.ts';

/** Of a supervisor that allows more, the budget is not spent. */
const mostFailures = 3;

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

/** A member of a group that waits to come back is started by hand, which takes it out, and fails. */
export function leaving(stage: Stage): Fault[] {
  const { draw, grounds, at } = stage;
  const groups = groupsOf(grounds);
  if (groups.length === 0) return [];
  const [culprit = '', member = culprit] = draw.some(draw.one(groups), 2);
  const delayMs = Math.max(2, firstDelayOf(stage, culprit));
  const byHandMs = draw.integer(0, Math.floor(delayMs / 2));
  const failsAt = at + byHandMs + draw.integer(1, Math.ceil(delayMs / 2));
  return [
    ...atOnce(make(stage, failures, { at }, culprit)),
    ...make(stage, ['restartByHand'], { at: at + byHandMs }, member),
    ...atOnce(make(stage, ends, { at: failsAt }, member)),
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

/** It fails more often than its supervisor allows, and then something happens to it or near it. */
export function spent(given: Stage): Fault[] {
  const { draw, grounds } = given;
  const givenUp = grounds.targets.filter(
    (each) => supervisorOf(grounds, each)?.whenExhausted === 'give-up',
  );
  const path = givenUp.length > 0 && draw.chance(60) ? draw.one(givenUp) : given.path;
  const circle = circleOf(grounds, path);
  const stage = { ...given, path, circle };
  const intensity = supervisorOf(grounds, path)?.intensity ?? mostFailures;
  const failing = Array.from({ length: Math.min(intensity, mostFailures) + 1 }, (_, nth) =>
    make(stage, failures, { on: path, incarnation: nth + 1 }),
  );
  const near = everybody(circle);
  const strikes = Array.from({ length: draw.integer(1, 2) }, () => {
    const trigger: Trigger = { when: 'failed', of: path, plus: draw.logUniform(1, longestMs) };
    const target = near.length > 0 && draw.chance(80) ? draw.one(near) : path;
    return atOnce(make(stage, draw.chance(50) ? mostlyBack : ends, trigger, target));
  });
  return [...failing.flat(), ...strikes.flat()];
}
