import type { EndReason } from './restart.ts';
import type { StopPurpose } from './roster.ts';

/** How a child stood to its budget when it was decided about. */
export interface Spent {
  /** Restarts of the current series: the position in the series of delays, from 1. */
  readonly attempt: number;
  /** Restarts charged in the current window; of a restart, this one included. */
  readonly used: number;
  readonly intensity: number;
  readonly periodMs: number;
}

/** How a restart was decided: what the child backs off for, and what is left of the budget. */
export interface Charge extends Spent {
  readonly delayMs: number;
}

/** Why a supervisor ends by itself. */
export interface OwnEnd {
  readonly reason: EndReason;
  /** It never came up: one of its items failed its first start. */
  readonly startFailed: boolean;
  /** The item's own `decide` wanted it, whatever was left of the budget. */
  readonly isDecided: boolean;
  /** The item that caused it. */
  readonly culprit: string;
  readonly error: unknown;
  /** Restarts charged in the current period, and how many it allows. */
  readonly used: number;
  readonly intensity: number;
}

/** Why a call was refused. `Failed` carries the error of a start attempt. */
export type Refusal =
  | { readonly code: CallRefusal; readonly id?: string; readonly limit?: number }
  | { readonly code: 'Failed'; readonly error: unknown };

export type CallRefusal =
  | 'AlreadyStarted'
  | 'AlreadyPresent'
  | 'Running'
  | 'Restarting'
  | 'NotFound'
  | 'NotRunning'
  | 'NotSupported'
  | 'TooManyChildren'
  | 'Stopped';

/**
 * What a supervisor can have done. The kernel does it, after the supervisor's new state is visible.
 * Members are named by their ids.
 */
export interface Crew {
  /** Make the actor of a member that this call added. */
  admit(id: string, call: number): void;
  start(id: string, attempt: number): void;
  /** Ask to stop, dependants first, within its limit and the deadline of the supervisor. */
  stop(id: string, purpose: StopPurpose): void;
  /** Take back a stop that still waits for dependants: it was not asked yet. Says whether it was so. */
  recall(id: string): boolean;
  /** Down, will start by itself: `suspended` until its needs are ready, else with its group. */
  hold(id: string, suspended: boolean): void;
  /** Down, will not start by itself. */
  rest(id: string): void;
  backOff(id: string, charge: Charge): void;
  giveUp(id: string, spent: Spent): void;
  /** Forget the member. */
  drop(id: string): void;
  /** Stop has begun: no supervisor below starts or restarts anything any more. */
  freeze(): void;
  reply(call: number, refusal?: Refusal): void;
  /** Tell the parent. */
  ready(): void;
  leaving(end: OwnEnd): void;
  /** A number in [0, 1). */
  random(): number;
}
