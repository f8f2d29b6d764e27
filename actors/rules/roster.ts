import { type BackoffPolicy, type BackoffSeries, freshSeries } from './backoff.ts';
import { intensityFor, RestartWindow } from './intensity.ts';
import type { Outcome, RestartType } from './restart.ts';

/** Which siblings a failure takes along. `dynamic` is one-for-one over copies of a template. */
export type Strategy = 'one-for-one' | 'one-for-all' | 'rest-for-one' | 'dynamic';
/** One after the other, each ready before the next; or all at once, where only needs give an order. */
export type StartOrder = 'sequential' | 'parallel';
/** Whether a significant child that ended by itself ends its supervisor. */
export type AutoShutdown = 'never' | 'any-significant' | 'all-significant';
/** What an exhausted restart budget does: end the supervisor, or leave that child failed. */
export type WhenExhausted = 'escalate' | 'give-up';

/** What a supervisor has to know of a child to decide about it. */
export interface MemberPolicy {
  readonly id: string;
  readonly kind: 'service' | 'supervisor';
  readonly restart: RestartType;
  readonly significant: boolean;
  readonly backoff: BackoffPolicy;
  /** `retry`: a failed first start is a failure like any other instead of failing the start. */
  readonly firstStart: 'fail' | 'retry';
  /** Whether it must wait for needs that are not ready now. */
  readonly needsReady: boolean;
}

export interface SupervisorPolicy {
  readonly strategy: Strategy;
  readonly order: StartOrder;
  /** Restarts in one period; undefined: 20 for each child. */
  readonly intensity: number | undefined;
  readonly periodMs: number;
  readonly whenExhausted: WhenExhausted;
  readonly autoShutdown: AutoShutdown;
  readonly maxChildren: number;
}

/** `ended`: over by itself, the decision about it is still to be taken. */
export type MemberState =
  | 'waiting'
  | 'starting'
  | 'running'
  | 'stopping'
  | 'ended'
  | 'backoff'
  | 'stopped'
  | 'failed'
  | 'unstopped';

/** What a start is for: it decides what a failure of that start means. */
export type StartPurpose = 'first' | 'add' | 'by-hand' | 'restart';
/** Why a member is being stopped: it decides what it does when it is down. */
export type StopPurpose = 'suspend' | 'group' | 'call' | 'shutdown';

export interface Member {
  readonly policy: MemberPolicy;
  state: MemberState;
  needsReady: boolean;
  startPurpose: StartPurpose;
  stopPurpose: StopPurpose | undefined;
  series: BackoffSeries;
  /** Its backoff is over. */
  due: boolean;
  /** The call that waits for it to be ready. */
  startCall: number | undefined;
  /** The calls that wait for it to be down. */
  stopCalls: number[];
}

/** The end of a member by itself, in the order of arrival. */
export interface Exit {
  readonly id: string;
  readonly outcome: Outcome;
  /** Milliseconds on the system's clock. */
  readonly at: number;
}

/**
 * A supervisor's book about its members. Changed in place on purpose: the chart that owns it
 * processes one event at a time, and a copy per event is quadratic in a population.
 */
export class Roster {
  readonly policy: SupervisorPolicy;
  readonly members = new Map<string, Member>();
  readonly window: RestartWindow;
  /** Members that still have to come up in order: the first start, or a group coming back. */
  readonly arriving = new Set<string>();
  /** Members that go down together and come back together. */
  readonly group = new Set<string>();
  /** Ends that wait for a decision. */
  exits: Exit[] = [];
  #up = 0;

  constructor(policy: SupervisorPolicy, members: readonly MemberPolicy[]) {
    this.policy = policy;
    this.window = new RestartWindow(policy.periodMs);
    for (const member of members) {
      this.add(member, 'first');
      this.arriving.add(member.id);
    }
  }

  add(policy: MemberPolicy, startPurpose: StartPurpose): Member {
    const member: Member = {
      policy,
      state: 'waiting',
      needsReady: policy.needsReady,
      startPurpose,
      stopPurpose: undefined,
      series: freshSeries,
      due: false,
      startCall: undefined,
      stopCalls: [],
    };
    this.members.set(policy.id, member);
    return member;
  }

  move(member: Member, state: MemberState): void {
    this.#up += Number(isUp(state)) - Number(isUp(member.state));
    member.state = state;
  }

  /** It no longer belongs to a group or a start in order, and has had its first start. */
  release(member: Member): void {
    this.withdraw(member);
    this.group.delete(member.policy.id);
  }

  /** It is not to come up any more, but has its place among those that go down with it. */
  withdraw(member: Member): void {
    this.arriving.delete(member.policy.id);
    member.startPurpose = 'restart';
  }

  delete(member: Member): void {
    this.move(member, 'stopped');
    this.release(member);
    this.members.delete(member.policy.id);
  }

  get everyoneIsDown(): boolean {
    return this.#up === 0;
  }

  get everyoneHasArrived(): boolean {
    return this.arriving.size === 0 && this.group.size === 0;
  }

  /** Restarts that one period allows: as configured, or by the number of children there are. */
  get intensity(): number {
    return this.policy.intensity ?? intensityFor(this.members.size);
  }

  get isDynamic(): boolean {
    return this.policy.strategy === 'dynamic';
  }

  /** Stops and starts one after the other, in order. */
  get isSequential(): boolean {
    return !this.isDynamic && this.policy.order === 'sequential';
  }
}

/** It has an incarnation. */
export function isUp(state: MemberState): boolean {
  return state === 'starting' || state === 'running' || state === 'stopping';
}

/** It has none, and will not start by itself. */
export function isResting(state: MemberState): boolean {
  return state === 'stopped' || state === 'failed' || state === 'unstopped';
}
