import type { ErrorInfo } from '../../events.ts';

/** The ready value of a schedule: dependants have it in `ctx.needs`, others by `system.value()`. */
export interface Schedule {
  /** `closed`: it drains, stops, or nothing is due any more. */
  readonly status: 'waiting' | 'running' | 'paused' | 'closed';
  /** The end of the latest run, over all incarnations. */
  readonly last: FinishedRun | undefined;
  /** The latest run that completed, over all incarnations: when it was last well. */
  readonly lastCompleted: FinishedRun | undefined;
  /** How many runs have failed since then, over all incarnations. */
  readonly failuresInARow: number;
  readonly counts: ScheduleCounts;
  /**
   * Nothing comes due until it is resumed, also not in a later incarnation. Runs under way go on,
   * `runNow` works.
   */
  pause(): void;
  /** Goes on with the same phase: what would have come due meanwhile is skipped. */
  resume(): void;
  /**
   * Runs it once, now, as if a tick had come: its overlap policy applies, and the timetable goes on
   * as it was. Resolves when the run is over; never rejects.
   */
  runNow(): Promise<RunResult>;
  /** The next times at which it is due, jitter left out. @default 1 */
  next(count?: number): Date[];
}

/** How often what has happened, over all incarnations. */
export interface ScheduleCounts {
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Because an earlier run was under way, it was paused, or it took no more ticks in. */
  readonly skipped: number;
  /** Given up because their time had passed. */
  readonly missed: number;
  /** Had by another replica, with `once: 'cluster'`. */
  readonly elsewhere: number;
}

export interface FinishedRun {
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly run: number;
  readonly startedAt: Date;
  /** Milliseconds, all attempts and delays included. */
  readonly tookMs: number;
  readonly attempts: number;
  readonly error?: ErrorInfo;
}

/** What became of a run that was asked for by hand. */
export type RunResult =
  | FinishedRun
  | { readonly status: 'skipped'; readonly why: 'overlap' | 'missed' | 'closed' };
