import { kindOf } from '../fault-catalogue.ts';
import type { FaultKind, ParamRange } from '../fault-kind.ts';
import type { Fault, FaultParams, FaultPlan, Trigger } from '../plan.ts';
import type { Grounds } from './swarm.ts';

/** As many as anybody keeps in mind. */
const fewFaults = 3;

type Stage = (plan: FaultPlan, grounds: Grounds) => Iterable<FaultPlan>;

/**
 * From the coarsest step to the finest: each makes a plan shorter to read, or less dependent on
 * timing, and none the other way.
 */
const stages: readonly Stage[] = [
  shorterRun,
  fewerFaults,
  plainRest,
  oneTarget,
  oneAfterTheOther,
  againAndAgain,
  smallerGaps,
  steadierTriggers,
  smallerParams,
  smallerBudgets,
  plainPolicies,
  shorterTape,
];

/**
 * The plans that are simpler than this one by one step, each with the stage that made it. Begins
 * with the stage that was successful last, so that what was tried in vain is tried again last.
 */
export function* simpler(
  plan: FaultPlan,
  from: number,
  grounds: Grounds,
): Generator<[FaultPlan, number]> {
  for (let nth = 0; nth < stages.length; nth++) {
    const index = (from + nth) % stages.length;
    for (const candidate of stages[index]?.(plan, grounds) ?? []) yield [candidate, index];
  }
}

/** None, then without a half, a quarter and so on, down to each single one. */
function* fewerFaults(plan: FaultPlan): Generator<FaultPlan> {
  const { faults } = plan;
  for (let size = faults.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < faults.length; from += size) {
      yield { ...plan, faults: [...faults.slice(0, from), ...faults.slice(from + size)] };
    }
  }
}

function* plainRest(plan: FaultPlan): Generator<FaultPlan> {
  if (plan.choices.length > 0) yield { ...plan, choices: [] };
  if (Object.keys(plan.policy).length > 0) yield { ...plan, policy: {} };
  const { healMs, ...rest } = plan;
  if (healMs !== undefined) yield rest;
  if (plan.seed !== 1) yield { ...plan, seed: 1 };
}

function* oneTarget(plan: FaultPlan): Generator<FaultPlan> {
  const targets = new Set(plan.faults.map(targetOf).filter((path) => path !== undefined));
  if (targets.size < 2) return;
  for (const path of targets)
    yield { ...plan, faults: plan.faults.map((fault) => moved(fault, path)) };
}

/** One that fails again and again: its delays grow, and no time is part of the plan. */
function* oneAfterTheOther({ faults, ...plan }: FaultPlan): Generator<FaultPlan> {
  const ends = faults.filter(isEnd);
  const places = new Set(ends.map(({ trigger }) => ('on' in trigger ? trigger.on : undefined)));
  const isOneAlready = places.size === 1 && !places.has(undefined);
  if (ends.length <= fewFaults || isOneAlready) return;
  for (const on of new Set(ends.flatMap((fault) => targetOf(fault) ?? []))) {
    let incarnation = 0;
    const series = faults.map((fault): Fault => {
      const { target: _own, ...rest } = fault;
      return isEnd(fault) ? { ...rest, trigger: { on, incarnation: ++incarnation } } : fault;
    });
    yield { ...plan, faults: series };
  }
}

/** Ends of the first lives of one service, as one fault that strikes it so many times. */
function* againAndAgain({ faults, ...plan }: FaultPlan, { kinds }: Grounds): Generator<FaultPlan> {
  const isFlapAllowed = kinds.some(({ name }) => name === 'readyFlap');
  if (faults.length <= fewFaults || !isFlapAllowed) return;
  const ends = faults.filter(isEnd);
  for (const on of new Set(ends.flatMap((fault) => targetOf(fault) ?? []))) {
    const lives = ends.filter(({ trigger }) => 'on' in trigger && trigger.on === on);
    // The last lives are those in which it matters when they end.
    for (const left of [0, 1, 2]) {
      const times = lives.length - left;
      if (times < 2) break;
      for (const ms of [0, 100, 1_000]) {
        const flaps = { kind: 'readyFlap', trigger: { on, incarnation: 1 }, params: { times, ms } };
        const struck = new Set(lives.slice(0, times));
        yield { ...plan, faults: [flaps, ...faults.filter((fault) => !struck.has(fault))] };
      }
    }
  }
}

function isEnd({ kind }: Fault): boolean {
  const { strikes, endsIt = false } = kindOf(kind);
  return strikes === 'body' && endsIt;
}

/** What depends on each other in time comes earlier together, or not at all. */
function* smallerGaps(plan: FaultPlan): Generator<FaultPlan> {
  const times = plan.faults.flatMap(({ trigger }) => ('at' in trigger ? [trigger.at] : []));
  let before = 0;
  for (const at of [...new Set(times)].toSorted((a, b) => a - b)) {
    for (const gap of smallerNumbers(at - before, 0)) {
      const ms = at - before - gap;
      yield { ...plan, faults: plan.faults.map((fault) => sooner(fault, at, ms)) };
    }
    before = at;
  }
}

function sooner(fault: Fault, from: number, ms: number): Fault {
  const { trigger } = fault;
  return 'at' in trigger && trigger.at >= from
    ? { ...fault, trigger: { at: trigger.at - ms } }
    : fault;
}

function* steadierTriggers(plan: FaultPlan): Generator<FaultPlan> {
  for (const [index, fault] of plan.faults.entries()) {
    for (const trigger of steadier(fault)) {
      const { target, ...rest } = fault;
      const isImplied = 'on' in trigger && trigger.on === target;
      yield withFault(plan, index, {
        ...rest,
        trigger,
        ...(target !== undefined && !isImplied && { target }),
      });
    }
  }
}

function* steadier({ trigger, target }: Fault): Generator<Trigger> {
  if ('on' in trigger) {
    const { on, incarnation } = trigger;
    const lower = [1, 2, Math.floor(incarnation / 2), incarnation - 1];
    for (const number of new Set(lower)) {
      if (number >= 1 && number < incarnation) yield { on, incarnation: number };
    }
    return;
  }
  const path = target ?? ('of' in trigger ? trigger.of : undefined);
  if (path !== undefined) for (const incarnation of [1, 2, 3]) yield { on: path, incarnation };
  if ('at' in trigger) {
    for (const at of smallerNumbers(trigger.at, 0)) yield { at };
    return;
  }
  const { plus = 0, nth = 1, of } = trigger;
  const when = { when: trigger.when, ...(of !== undefined && { of }) };
  if (plus > 0) yield { ...when, ...(nth > 1 && { nth }) };
  if (nth > 1) yield { ...when, ...(plus > 0 && { plus }) };
  for (const less of smallerNumbers(nth, 1))
    yield { ...when, nth: less, ...(plus > 0 && { plus }) };
  for (const less of smallerNumbers(plus, 0))
    yield { ...when, ...(nth > 1 && { nth }), plus: less };
}

function* smallerParams(plan: FaultPlan, grounds: Grounds): Generator<FaultPlan> {
  for (const [index, fault] of plan.faults.entries()) {
    for (const params of smaller(fault.params ?? {}, kindOf(fault.kind), grounds.boundaries)) {
      yield withFault(plan, index, { ...fault, params });
    }
  }
}

function* smaller(
  params: FaultParams,
  kind: FaultKind,
  boundaries: readonly number[],
): Generator<FaultParams> {
  for (const [name, value] of Object.entries(params)) {
    const range = kind.params[name];
    if (!range) continue;
    for (const less of smallerValues(value, range, boundaries)) yield { ...params, [name]: less };
  }
}

function* smallerValues(
  value: number | string | boolean,
  range: ParamRange,
  boundaries: readonly number[],
): Generator<number | string | boolean> {
  if (range.kind === 'choice') {
    const [plainest] = range.of;
    if (plainest !== undefined && value !== plainest) yield plainest;
    return;
  }
  if (typeof value !== 'number') return;
  const least = Math.max(0, range.min);
  if (value < least) {
    if (range.min < 0) for (const less of smallerNumbers(-value, 0)) yield -less;
    return;
  }
  const isBoundary = range.kind === 'ms' && boundaries.includes(value);
  yield* smallerNumbers(value, least);
  // Just at or over a boundary is plainer than somewhere between two.
  if (range.kind !== 'ms' || isBoundary) return;
  for (const near of boundaries) if (near >= least && near < value) yield near;
}

/** Fewer failures are enough where fewer restarts are allowed. */
function* smallerBudgets(plan: FaultPlan, { tree }: Grounds): Generator<FaultPlan> {
  const { faults, policy } = plan;
  if (faults.length <= fewFaults) return;
  const targets = faults.map(targetOf).filter((path) => path !== undefined);
  for (const path of new Set(targets.flatMap((target) => tree.above(target)))) {
    const spec = tree.get(path)?.spec;
    if (spec?.kind !== 'supervisor') continue;
    const own = policy[path]?.intensity ?? spec.intensity ?? Number.POSITIVE_INFINITY;
    for (const intensity of [0, 1, 2]) {
      if (intensity >= own) break;
      const stricter = { ...plan, policy: { ...policy, [path]: { ...policy[path], intensity } } };
      for (const fewer of fewerFaults(stricter)) yield fewer;
    }
  }
}

function* plainPolicies(plan: FaultPlan): Generator<FaultPlan> {
  for (const path of Object.keys(plan.policy)) {
    const { [path]: _without, ...policy } = plan.policy;
    yield { ...plan, policy };
  }
  for (const [path, variation] of Object.entries(plan.policy)) {
    for (const part of Object.keys(variation)) {
      const rest = Object.fromEntries(Object.entries(variation).filter(([key]) => key !== part));
      if (Object.keys(rest).length > 0) yield { ...plan, policy: { ...plan.policy, [path]: rest } };
    }
  }
}

function* shorterTape(plan: FaultPlan): Generator<FaultPlan> {
  const { choices } = plan;
  const last = choices.findLastIndex((choice) => choice > 0);
  if (last + 1 < choices.length) yield { ...plan, choices: choices.slice(0, last + 1) };
  for (let length = last; length > 0; length = Math.floor(length / 2)) {
    yield { ...plan, choices: choices.slice(0, length) };
  }
  for (const [index, choice] of choices.entries()) {
    if (choice > 0) yield { ...plan, choices: choices.with(index, 0) };
    if (choice > 1) yield { ...plan, choices: choices.with(index, 1) };
  }
}

/** Comes first: all that is tried afterwards takes less time, too. */
function* shorterRun({ healMs = 0, ...plan }: FaultPlan): Generator<FaultPlan> {
  for (const horizonMs of [1_000, 5_000, 10_000, 30_000, 60_000, 120_000]) {
    if (horizonMs >= plan.horizonMs) return;
    yield { ...plan, horizonMs, ...(healMs > 0 && healMs < horizonMs && { healMs }) };
  }
}

/** The least, then from far to near. */
function* smallerNumbers(value: number, least: number): Generator<number> {
  if (value <= least) return;
  yield least;
  for (let gap = Math.floor((value - least) / 2); gap >= 1; gap = Math.floor(gap / 2)) {
    yield value - gap;
  }
}

function targetOf({ target, trigger }: Fault): string | undefined {
  return target ?? ('on' in trigger ? trigger.on : undefined);
}

function moved(fault: Fault, path: string): Fault {
  const { trigger, target } = fault;
  return {
    ...fault,
    ...('on' in trigger && { trigger: { ...trigger, on: path } }),
    ...(target !== undefined && { target: path }),
  };
}

function withFault(plan: FaultPlan, index: number, fault: Fault): FaultPlan {
  return { ...plan, faults: plan.faults.with(index, fault) };
}
