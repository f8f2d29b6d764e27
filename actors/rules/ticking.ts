import { keptOf, type MissedPolicy, reckon } from './missed.ts';
import { admit, type OverlapPolicy } from './overlap.ts';
import { comeDue, type Timetable } from './timetable.ts';

export interface TickingPolicy extends MissedPolicy, OverlapPolicy {
  /** `fixed-delay`: the next tick is counted from the end of a run. */
  readonly pace: 'fixed-rate' | 'fixed-delay';
  /** A tick starts up to so much after it was due. */
  readonly jitterMs: number;
  /** So many failed runs in a row end the schedule; Infinity: none do. */
  readonly failAfter: number;
}

/** Something to run. */
export interface Tick {
  /** When it was due, on the clock of the timetable; undefined: asked for by hand. */
  readonly due: number | undefined;
  /** When it was to start: its jitter later, or when it was asked for. */
  readonly scheduledAt: number;
  /** Who asked for it. */
  readonly request?: number;
}

export interface NumberedTick extends Tick {
  readonly run: number;
}

export type SkipReason = 'overlap' | 'missed' | 'paused' | 'closed' | 'elsewhere';

export interface Skip {
  readonly why: SkipReason;
  /** How many ticks. */
  readonly count: number;
  /** When the last of them was due; undefined: asked for by hand. */
  readonly due: number | undefined;
  readonly request?: number;
}

/** Where a schedule stands. */
export interface Ledger {
  /** Every due time up to here has been dealt with. */
  readonly dealtWith: number;
  /** The next; undefined: there is none any more. Infinity: known when the present run has ended. */
  readonly due: number | undefined;
  /** When its tick starts: its jitter later. */
  readonly fireAt: number;
  /** Runs so far. */
  readonly runs: number;
  readonly running: readonly number[];
  readonly waiting: readonly Tick[];
  /** Failed runs in a row. */
  readonly failures: number;
}

/** What is to be done about it. */
export interface Orders {
  readonly start: readonly NumberedTick[];
  /** The numbers of runs. */
  readonly cancel: readonly number[];
  readonly skip: readonly Skip[];
  /** The clock was set back so far that the timetable starts anew. */
  readonly isReset: boolean;
}

export interface Decided {
  readonly ledger: Ledger;
  readonly orders: Orders;
}

export const nothing: Orders = { start: [], cancel: [], skip: [], isReset: false };

/**
 * A clock that is set back by less has been corrected: what has run does not run again. Set back by
 * more it had been wrong before, and waiting until it is there again would be silence for days.
 */
export const forgetAfterMs = 3 * 3_600_000;

/** What the rules of a schedule are applied with. */
export interface Ticking {
  readonly policy: TickingPolicy;
  readonly timetable: Timetable;
}

/** Where a schedule begins. */
export interface Opening {
  /** Every due time up to here was dealt with before. */
  readonly dealtWith: number;
  /** A tick of its own before those of the timetable. */
  readonly first: number | undefined;
  /** Runs so far. */
  readonly runs: number;
}

export function openLedger(ticking: Ticking, opening: Opening, random: number): Ledger {
  const { dealtWith, first = ticking.timetable.next(dealtWith), runs } = opening;
  const empty: Ledger = {
    ...{ dealtWith, due: undefined, fireAt: 0 },
    ...{ runs, running: [], waiting: [], failures: 0 },
  };
  return planned(empty, ticking, first, random);
}

/** It is known only now up to where everything was dealt with. */
export function reopened(
  ledger: Ledger,
  ticking: Ticking,
  dealtWith: number,
  random: number,
): Ledger {
  return planned({ ...ledger, dealtWith }, ticking, ticking.timetable.next(dealtWith), random);
}

/** The time has come, or the clock has been set: deals with everything that is due by now. */
export function look(ledger: Ledger, ticking: Ticking, now: number, random: number): Decided {
  if (wasSetBack(ledger, now)) return startAnew(ledger, ticking, now, random);
  const { due, fireAt } = ledger;
  if (due === undefined || now < fireAt) return { ledger, orders: nothing };
  const { policy, timetable } = ticking;
  const { latest, count, next } = comeDue(timetable, due, now, keptOf(policy));
  const last = latest.at(-1) ?? due;
  const { run, givenUp } = reckon(policy, latest, count, now - (last === due ? fireAt : last));
  const missed: Skip = { why: 'missed', count: givenUp, due: lastGivenUp(latest, run) };
  const seen = planned({ ...ledger, dealtWith: last }, ticking, next, random);
  const ticks = run.map((moment) => ({
    due: moment,
    scheduledAt: moment === due ? fireAt : moment,
  }));
  const decided = take(seen, policy, ticks);
  const skip = givenUp > 0 ? [missed, ...decided.orders.skip] : decided.orders.skip;
  return { ledger: held(decided, policy), orders: { ...decided.orders, skip } };
}

/** A run that somebody wants now; the timetable goes on as it was. */
export function takeByHand(
  ledger: Ledger,
  { policy }: Ticking,
  request: number,
  now: number,
): Decided {
  return take(ledger, policy, [{ due: undefined, scheduledAt: now, request }]);
}

/** A run is over. `now` is on the clock of the timetable. */
export function noteEnd(
  ledger: Ledger,
  ticking: Ticking,
  { run, isFailure, now, random }: EndedRun,
): Decided {
  const failures = isFailure === undefined ? ledger.failures : isFailure ? ledger.failures + 1 : 0;
  const running = ledger.running.filter((other) => other !== run);
  const [first, ...waiting] = running.length === 0 ? ledger.waiting : [];
  const rest = { ...ledger, failures, running };
  if (first) return started({ ...rest, waiting }, first);
  const isHeld = ticking.policy.pace === 'fixed-delay' && running.length === 0;
  return {
    ledger: isHeld
      ? planned({ ...rest, dealtWith: now }, ticking, ticking.timetable.next(now), random)
      : rest,
    orders: nothing,
  };
}

export interface EndedRun {
  readonly run: number;
  /** undefined: it was cancelled, which says nothing. */
  readonly isFailure: boolean | undefined;
  readonly now: number;
  readonly random: number;
}

/** Passes over what came due while the schedule was paused: its phase stays what it was. */
export function passOver(ledger: Ledger, ticking: Ticking, now: number, random: number): Decided {
  if (wasSetBack(ledger, now)) return startAnew(ledger, ticking, now, random);
  const { due } = ledger;
  if (due === undefined || due > now) return { ledger, orders: nothing };
  const { latest, count, next } = comeDue(ticking.timetable, due, now, 1);
  const last = latest.at(-1) ?? due;
  return {
    ledger: planned({ ...ledger, dealtWith: last }, ticking, next, random),
    orders: { ...nothing, skip: [{ why: 'paused', count, due: last }] },
  };
}

/** Nothing more is started: what waits is given up. */
export function close(ledger: Ledger): Decided {
  const skip = ledger.waiting.map((tick) => skipOf(tick, 'closed'));
  return { ledger: { ...ledger, waiting: [] }, orders: { ...nothing, skip } };
}

/** As `close`, and what runs is cancelled. */
export function abandonAll(ledger: Ledger): Decided {
  const closed = close(ledger);
  return { ...closed, orders: { ...closed.orders, cancel: ledger.running } };
}

function wasSetBack({ dealtWith }: Ledger, now: number): boolean {
  return dealtWith - now > forgetAfterMs;
}

function startAnew(ledger: Ledger, ticking: Ticking, now: number, random: number): Decided {
  const due = ticking.timetable.next(now);
  const anew = planned({ ...ledger, dealtWith: now }, ticking, due, random);
  return { ledger: anew, orders: { ...nothing, isReset: true } };
}

function take(ledger: Ledger, policy: TickingPolicy, ticks: readonly Tick[]): Decided {
  const [first, ...others] = ticks;
  if (!first) return { ledger, orders: nothing };
  // What is made up for comes one after the other, whatever else may overlap.
  if (others.length > 0) return makeUp(ledger, policy, ticks);
  const { running, waiting } = ledger;
  switch (admit(policy, running.length, waiting.length)) {
    case 'start':
      return started(ledger, first);
    case 'queue':
      return { ledger: { ...ledger, waiting: [...waiting, first] }, orders: nothing };
    case 'skip':
      return { ledger, orders: { ...nothing, skip: [skipOf(first, 'overlap')] } };
    case 'replace': {
      const skip = waiting.map((tick) => skipOf(tick, 'overlap'));
      const orders = { ...nothing, cancel: running, skip };
      return { ledger: { ...ledger, waiting: [first] }, orders };
    }
  }
}

function makeUp(ledger: Ledger, { maxMissed }: TickingPolicy, ticks: readonly Tick[]): Decided {
  const all = [...ledger.waiting, ...ticks];
  const waiting = all.slice(-(maxMissed + 1));
  const skip = all.slice(0, -waiting.length).map((tick) => skipOf(tick, 'missed'));
  const [first, ...rest] = waiting;
  if (!first || ledger.running.length > 0) {
    return { ledger: { ...ledger, waiting }, orders: { ...nothing, skip } };
  }
  const decided = started({ ...ledger, waiting: rest }, first);
  return { ...decided, orders: { ...decided.orders, skip } };
}

function started(ledger: Ledger, tick: Tick): Decided {
  const run = ledger.runs + 1;
  return {
    ledger: { ...ledger, runs: run, running: [...ledger.running, run] },
    orders: { ...nothing, start: [{ ...tick, run }] },
  };
}

function skipOf({ due, request }: Tick, why: SkipReason): Skip {
  return { why, count: 1, due, ...(request !== undefined && { request }) };
}

/** With a fixed delay nobody knows the next due time before the run has ended. */
function held({ ledger, orders }: Decided, { pace }: TickingPolicy): Ledger {
  if (pace === 'fixed-rate' || orders.start.length === 0) return ledger;
  return { ...ledger, due: Number.POSITIVE_INFINITY, fireAt: Number.POSITIVE_INFINITY };
}

function planned(
  ledger: Ledger,
  { policy }: Ticking,
  due: number | undefined,
  random: number,
): Ledger {
  return {
    ...ledger,
    due,
    fireAt: (due ?? Number.POSITIVE_INFINITY) + Math.floor(policy.jitterMs * random),
  };
}

function lastGivenUp(latest: readonly number[], run: readonly number[]): number | undefined {
  return latest.findLast((moment) => !run.includes(moment)) ?? run[0];
}
