import { backoffDelay, freshSeries, wasStable } from './backoff.ts';
import { isRestartable, type Outcome } from './restart.ts';
import { type Exit, isUp, type Member, type Roster } from './roster.ts';

/**
 * The order in which a supervisor decides about an exit:
 * expected or overtaken -> restart type -> the child's own `decide` -> budget -> charge.
 */
export type Verdict = 'overtaken' | 'absorbed' | 'stays-down' | 'escalate' | 'give-up' | 'restart';

export function verdictOn(roster: Roster, exit: Exit): Verdict {
  const member = roster.members.get(exit.id);
  if (member?.state !== 'ended') return 'overtaken';
  if (roster.group.has(exit.id)) return 'absorbed';
  const { outcome } = exit;
  const again = outcome.startFailed && isFirstStartRetried(member);
  if (!again && !isRestartable(member.policy.restart, outcome.reason)) return 'stays-down';
  if (outcome.decision === 'stop') return 'stays-down';
  if (outcome.decision === 'escalate') return 'escalate';
  if (roster.window.allows(exit.at, roster.intensity)) return 'restart';
  return roster.policy.whenExhausted;
}

/** Its first start failed, and it asked for more attempts. */
export function isFirstStartRetried(member: Member): boolean {
  return member.policy.firstStart === 'retry' && member.startPurpose !== 'by-hand';
}

/**
 * Whether this member, ending for good by itself, ends its supervisor (OTP's auto_shutdown).
 * Members that run, start, back off or wait still count as alive.
 */
export function endsSupervisor(roster: Roster, member: Member): boolean {
  if (!member.policy.significant) return false;
  if (roster.policy.autoShutdown === 'any-significant') return true;
  if (roster.policy.autoShutdown === 'never') return false;
  for (const other of roster.members.values()) {
    if (other === member || !other.policy.significant) continue;
    if (isUp(other.state) || other.state === 'backoff' || other.state === 'waiting') return false;
  }
  return true;
}

/** The members that a restart of the culprit takes along, itself included, in start order. */
export function affectedBy(roster: Roster, culprit: Member): Member[] {
  const { strategy } = roster.policy;
  if (strategy === 'one-for-one' || strategy === 'dynamic') return [culprit];
  const members = [...roster.members.values()];
  return strategy === 'one-for-all' ? members : members.slice(members.indexOf(culprit));
}

/** An incarnation that was stable, whatever ended it, leaves its failures behind; not one that never was ready. */
export function renewSeries(member: Member, outcome: Outcome): void {
  if (wasStable(member.policy.backoff, member.series, outcome.readyMs)) member.series = freshSeries;
}

/** Charges the restart to its culprit and returns the delay in milliseconds. */
export function charge(roster: Roster, member: Member, exit: Exit, random: number): number {
  const delayMs = backoffDelay(member.policy.backoff, member.series.count, random);
  member.series = { count: member.series.count + 1, lastDelayMs: delayMs };
  roster.window.charge(exit.at);
  return delayMs;
}

/** The next member of a group to be asked to stop: the last that is up. One at a time. */
export function nextToStop(roster: Roster, ids: Iterable<string>): Member | undefined {
  let last: Member | undefined;
  for (const id of ids) {
    const member = roster.members.get(id);
    if (member && isUp(member.state)) last = member;
  }
  return last?.state === 'stopping' ? undefined : last;
}

/** A group comes back when all its members are down and decided on, and its delays are over. */
export function mayComeBack(roster: Roster): boolean {
  for (const id of roster.group) {
    const member = roster.members.get(id);
    if (!member) continue;
    if (isUp(member.state) || member.state === 'ended') return false;
    if (member.state === 'backoff' && !member.due) return false;
  }
  return true;
}

/** The members that may start now, in order. Sequential: at most the first that has not arrived. */
export function nextToStart(roster: Roster): Member[] {
  const ready: Member[] = [];
  for (const id of roster.arriving) {
    const member = roster.members.get(id);
    if (member && mayStart(member)) ready.push(member);
    if (roster.isSequential) break;
  }
  return ready;
}

/** It is waiting, or its backoff is over, and everything that it needs is ready. */
export function mayStart(member: Member): boolean {
  const isIdle = member.state === 'waiting' || (member.state === 'backoff' && member.due);
  return isIdle && member.needsReady;
}
