import type { Context } from '../../define/context.ts';
import { WorkContext } from '../work-context.ts';
import type { RunAttempt } from './run-attempt.ts';

/**
 * What the work of a schedule is given, one for each attempt of a run: the context of its
 * incarnation, with a signal, a cleanup and a logger of its own.
 */
export interface RunContext<Declared = unknown, Config = unknown, Input = unknown>
  extends Omit<Context<Declared, Config, undefined, Input>, 'ready' | 'attempt'> {
  /**
   * Cancelled when the attempt is over, whatever the cause: its end, its `timeout`, a newer run that
   * replaces it, a stop.
   */
  readonly signal: AbortSignal;
  /** Which run of the schedule, from 1; over all incarnations. */
  readonly run: number;
  /** Which attempt of this run, from 1. */
  readonly attempt: number;
  /** When the run was due; by hand, when it was asked for. */
  readonly due: Date;
  /** When it was to begin: `due` and its jitter. */
  readonly scheduledAt: Date;
  /** Asked for by `runNow()`. */
  readonly isByHand: boolean;
}

/** Which attempt of what. */
export interface RunFacts {
  readonly run: number;
  readonly attempt: number;
  readonly due: Date;
  readonly scheduledAt: Date;
  readonly isByHand: boolean;
}

/** What the work is given. Made for each attempt; parts of it when first used. */
export class LiveRun extends WorkContext implements RunFacts {
  readonly run: number;
  readonly attempt: number;
  readonly due: Date;
  readonly scheduledAt: Date;
  readonly isByHand: boolean;

  constructor(attempt: RunAttempt, facts: RunFacts) {
    super(attempt);
    this.run = facts.run;
    this.attempt = facts.attempt;
    this.due = facts.due;
    this.scheduledAt = facts.scheduledAt;
    this.isByHand = facts.isByHand;
  }

  static {
    WorkContext.narrow(LiveRun.prototype, ['attempt', 'ready']);
  }
}
