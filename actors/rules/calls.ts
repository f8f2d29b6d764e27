import { freshSeries } from './backoff.ts';
import type { CallRefusal } from './crew.ts';
import { advance, answerStart, type Desk, drop, hold, settle, start, stop } from './moves.ts';
import { isUp, type Member, type MemberPolicy, type Roster } from './roster.ts';
import { mayStart } from './strategy.ts';

/** Why a call about a member cannot be carried out, or undefined when it can. */
export function refusalOfAdd(roster: Roster, id: string): CallRefusal | undefined {
  const present = roster.members.get(id);
  if (present) return isUp(present.state) ? 'AlreadyStarted' : 'AlreadyPresent';
  if (roster.members.size >= roster.policy.maxChildren) return 'TooManyChildren';
  return undefined;
}

/** `restartChild` and `removeChild` are for members that are down and stay down. */
export function refusalOfDownCall(roster: Roster, id: string): CallRefusal | undefined {
  const member = roster.members.get(id);
  if (roster.isDynamic) return 'NotSupported';
  if (!member) return 'NotFound';
  if (isUp(member.state)) return 'Running';
  const comesBack = ['backoff', 'waiting', 'ended'].includes(member.state);
  return comesBack ? 'Restarting' : undefined;
}

export function addMember(desk: Desk, policy: MemberPolicy, call: number): void {
  const member = desk.roster.add(policy, 'add');
  member.startCall = call;
  desk.crew.admit(policy.id, call);
  if (mayStart(member)) start(desk, member);
  else hold(desk, member);
}

export function restartByHand(desk: Desk, member: Member, call: number): void {
  member.startPurpose = 'by-hand';
  member.series = freshSeries;
  member.startCall = call;
  if (member.needsReady) start(desk, member);
  else hold(desk, member);
}

export function removeMember(desk: Desk, member: Member, call: number): void {
  drop(desk, member);
  desk.crew.reply(call);
}

export function stopByHand(desk: Desk, member: Member, call: number): void {
  const { crew, roster } = desk;
  switch (member.state) {
    case 'starting':
    case 'running':
      member.stopCalls.push(call);
      roster.withdraw(member);
      stop(desk, member, 'call');
      break;
    case 'stopping':
      member.stopCalls.push(call);
      roster.withdraw(member);
      member.stopPurpose = 'call';
      break;
    case 'stopped':
    case 'failed':
    case 'unstopped':
      if (roster.isDynamic) drop(desk, member);
      crew.reply(call);
      return;
    default:
      answerStart(desk, member, { code: 'Stopped', id: member.policy.id });
      settle(desk, member);
      crew.reply(call);
  }
  advance(desk);
}
