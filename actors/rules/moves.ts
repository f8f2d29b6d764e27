import type { Crew, OwnEnd, Refusal, Spent } from './crew.ts';
import { endedByItself } from './restart.ts';
import {
  type Exit,
  isResting,
  isUp,
  type Member,
  type Roster,
  type StopPurpose,
} from './roster.ts';
import {
  affectedBy,
  charge,
  isFirstStartRetried,
  mayComeBack,
  mayStart,
  nextToStart,
  nextToStop,
  renewSeries,
  verdictOn,
} from './strategy.ts';

/** What the moves of a supervisor act on: its book, and the hands that carry the moves out. */
export interface Desk {
  readonly roster: Roster;
  readonly crew: Crew;
}

/** Everything that may go ahead now goes ahead: a group down, a group back, the next to start. */
export function advance(desk: Desk): void {
  const { roster } = desk;
  if (roster.group.size > 0) {
    const next = nextToStop(roster, roster.group);
    if (next) stop(desk, next, 'group');
    if (!mayComeBack(roster)) return;
    for (const id of roster.group) roster.arriving.add(id);
    roster.group.clear();
  }
  for (const member of nextToStart(roster)) start(desk, member);
}

export function start({ roster, crew }: Desk, member: Member): void {
  roster.move(member, 'starting');
  crew.start(member.policy.id, member.series.count);
}

export function stop({ roster, crew }: Desk, member: Member, purpose: StopPurpose): void {
  roster.move(member, 'stopping');
  member.stopPurpose = purpose;
  crew.stop(member.policy.id, purpose);
}

/** The member starts by itself as soon as it may. */
export function hold({ roster, crew }: Desk, member: Member, suspended = false): void {
  roster.move(member, 'waiting');
  crew.hold(member.policy.id, suspended);
}

/** The member is down for good: a temporary or dynamic one is forgotten, others keep their spec. */
export function settle(desk: Desk, member: Member, unstopped = false): void {
  const { roster, crew } = desk;
  const isForgotten = member.policy.restart === 'temporary' || roster.isDynamic;
  roster.release(member);
  roster.move(member, unstopped ? 'unstopped' : 'stopped');
  if (isForgotten) drop(desk, member);
  else if (!unstopped) crew.rest(member.policy.id);
}

export function drop({ roster, crew }: Desk, member: Member): void {
  roster.delete(member);
  crew.drop(member.policy.id);
}

/** A temporary member went down with its group: it does not come back. */
function forgo(desk: Desk, member: Member): void {
  answerStart(desk, member, { code: 'Stopped', id: member.policy.id });
  drop(desk, member);
}

export function answerStart({ crew }: Desk, member: Member, refusal?: Refusal): void {
  if (member.startCall === undefined) return;
  crew.reply(member.startCall, refusal);
  member.startCall = undefined;
}

export function answerStops({ crew }: Desk, member: Member): void {
  for (const call of member.stopCalls) crew.reply(call);
  member.stopCalls = [];
}

/** A member became ready. */
export function arrive(desk: Desk, member: Member): void {
  const { roster } = desk;
  roster.move(member, 'running');
  // A member whose group is going down goes with it, and is there for good when it is back.
  if (!roster.group.has(member.policy.id)) {
    roster.release(member);
    answerStart(desk, member);
  }
  advance(desk);
}

/** The attempt answered "not needed": no incarnation, no failure. */
export function excuse(desk: Desk, member: Member): void {
  answerStart(desk, member);
  settle(desk, member);
  advance(desk);
}

/** Whether a member's end is what somebody asked for, so that there is nothing to decide. */
export function wasExpected(member: Member, exit: Exit): boolean {
  if (member.stopPurpose === undefined) return false;
  return member.stopPurpose !== 'suspend' || !endedByItself(exit.outcome);
}

/** A start attempt failed that is not to be repeated. */
export function failedForGood(member: Member, exit: Exit): boolean {
  if (!exit.outcome.startFailed || member.startPurpose === 'restart') return false;
  return !isFirstStartRetried(member);
}

/** A member that was asked to stop is down. */
export function finishStop(desk: Desk, member: Member, exit: Exit): void {
  const { unstopped } = exit.outcome;
  const purpose = member.stopPurpose;
  renewSeries(member, exit.outcome);
  member.stopPurpose = undefined;
  if (purpose === 'call' || purpose === 'shutdown') {
    answerStart(desk, member, { code: 'Stopped', id: member.policy.id });
    settle(desk, member, unstopped);
  } else if (purpose === 'group' && member.policy.restart === 'temporary') {
    forgo(desk, member);
  } else {
    hold(desk, member, purpose === 'suspend');
    resume(desk, member);
  }
  answerStops(desk, member);
  advance(desk);
}

/** A start that a call asked for failed: one attempt, never retried, never charged. */
export function reportFailedStart(desk: Desk, member: Member, exit: Exit): void {
  const isNew = member.startPurpose === 'add';
  answerStart(desk, member, { code: 'Failed', error: exit.outcome.error });
  settle(desk, member, exit.outcome.unstopped);
  if (isNew && desk.roster.members.has(exit.id)) drop(desk, member);
  advance(desk);
}

/** Down for good by its own doing: stopped, forgotten, or failed where its budget is spent. */
export function putDown(desk: Desk, member: Member, exit: Exit): void {
  if (verdictOn(desk.roster, exit) !== 'give-up') {
    return settle(desk, member, exit.outcome.unstopped);
  }
  desk.roster.release(member);
  desk.roster.move(member, 'failed');
  desk.crew.giveUp(member.policy.id, spentBy(desk, member, exit));
}

function spentBy({ roster }: Desk, member: Member, exit: Exit): Spent {
  return {
    attempt: member.series.count,
    used: roster.window.used(exit.at),
    intensity: roster.intensity,
    periodMs: roster.policy.periodMs,
  };
}

/** The end is put on record; the decision follows once all ends of this instant are known. */
export function recordExit({ roster }: Desk, member: Member, exit: Exit): void {
  roster.move(member, 'ended');
  renewSeries(member, exit.outcome);
  member.stopPurpose = undefined;
  // A call may have started it anew since it ended before: that end is nobody's concern any more.
  roster.exits = roster.exits.filter(({ id }) => id !== exit.id);
  roster.exits.push(exit);
}

/** Ended by itself as its group went down: it comes back with the group, uncharged. */
export function absorb(desk: Desk, member: Member): void {
  if (member.policy.restart === 'temporary') forgo(desk, member);
  else hold(desk, member);
  answerStops(desk, member);
  advance(desk);
}

/** The restart is charged and scheduled, and the culprit's group goes down. */
export function restart(desk: Desk, member: Member, exit: Exit): void {
  const { roster, crew } = desk;
  const delayMs = charge(roster, member, exit, crew.random());
  roster.move(member, 'backoff');
  member.due = false;
  crew.backOff(member.policy.id, { delayMs, ...spentBy(desk, member, exit) });
  takeAlong(desk, member);
  advance(desk);
}

function takeAlong(desk: Desk, culprit: Member): void {
  const { roster } = desk;
  const affected = affectedBy(roster, culprit);
  if (affected.length === 1 && affected[0] === culprit && roster.group.size === 0) return;
  const ids = new Set([...roster.group, ...affected.map((member) => member.policy.id)]);
  roster.group.clear();
  for (const [id, member] of roster.members) {
    if (!ids.has(id)) continue;
    roster.group.add(id);
    roster.arriving.delete(id);
    if (isUp(member.state) || member.state === 'backoff' || member.state === 'ended') continue;
    if (member.state !== 'waiting') hold(desk, member);
  }
}

/** A backoff is over: the child starts, or waits for its needs, or for its group. */
export function becomeDue(desk: Desk, member: Member): void {
  if (member.state !== 'backoff') return;
  member.due = true;
  const { id } = member.policy;
  if (!desk.roster.group.has(id) && !desk.roster.arriving.has(id)) {
    if (mayStart(member)) start(desk, member);
    else hold(desk, member);
  }
  advance(desk);
}

/** A waiting member outside any order starts when its needs are ready. */
export function resume(desk: Desk, member: Member): void {
  const { id } = member.policy;
  if (desk.roster.group.has(id) || desk.roster.arriving.has(id)) return;
  if (member.state === 'waiting' && mayStart(member)) start(desk, member);
}

/** Whatever is down stays down, and whoever waits for it to start is told. */
export function standStill(desk: Desk): void {
  const { roster, crew } = desk;
  roster.exits = [];
  roster.group.clear();
  roster.arriving.clear();
  for (const member of roster.members.values()) {
    // The shutdown gives it its place in the order.
    if (member.state === 'stopping' && crew.recall(member.policy.id))
      roster.move(member, 'running');
    if (isUp(member.state)) continue;
    answerStart(desk, member, { code: 'Stopped', id: member.policy.id });
    if (!isResting(member.state)) settle(desk, member);
  }
}

/** Sequential: the last that is up is asked to stop. Parallel and dynamic: all at once. */
export function beginStopping(desk: Desk): void {
  hurry(desk);
  if (desk.roster.isSequential) return stopNext(desk);
  for (const member of desk.roster.members.values()) {
    if (isUp(member.state) && member.state !== 'stopping') stop(desk, member, 'shutdown');
  }
}

/** Those that are stopping already learn of the new deadline. */
export function hurry(desk: Desk): void {
  for (const member of desk.roster.members.values()) {
    if (member.state === 'stopping') stop(desk, member, 'shutdown');
  }
}

/** The next to go in a sequential shutdown, once the one before is down. */
export function stopNext(desk: Desk): void {
  if (!desk.roster.isSequential) return;
  const next = nextToStop(desk.roster, desk.roster.members.keys());
  if (next) stop(desk, next, 'shutdown');
}

/** A member came down during a shutdown; nothing is decided about it any more. */
export function layDown(desk: Desk, member: Member, exit: Exit): void {
  member.stopPurpose = undefined;
  answerStart(desk, member, { code: 'Stopped', id: member.policy.id });
  settle(desk, member, exit.outcome.unstopped);
  answerStops(desk, member);
}

/** The end of a supervisor whose item `exit` is to blame. */
export function ownEnd({ roster }: Desk, exit: Exit, reason: OwnEnd['reason']): OwnEnd {
  return {
    reason,
    startFailed: reason === 'error',
    isDecided: exit.outcome.decision === 'escalate',
    culprit: exit.id,
    error: exit.outcome.error,
    used: roster.window.used(exit.at),
    intensity: roster.intensity,
  };
}
