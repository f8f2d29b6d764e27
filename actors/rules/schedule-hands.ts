import type { NumberedTick, Skip } from './ticking.ts';

/** How a run ended. */
export type RunEnd = 'completed' | 'failed' | 'cancelled';

export type ScheduleEvent =
  | { type: 'pause' }
  | { type: 'resume' }
  /** The clock of the timetable was set. */
  | { type: 'clockSet' }
  | { type: 'runNow'; request: number }
  | { type: 'runEnded'; run: number; end: RunEnd }
  /** Take no more ticks in, and let what runs end. */
  | { type: 'drain' }
  /** Take no more ticks in, and cancel what runs. */
  | { type: 'stop' };

/** What a schedule can have done; it is done after the new state is visible. */
export interface ScheduleHands {
  /** Milliseconds on the clock of the timetable. */
  now(): number;
  /** A number in [0, 1). */
  random(): number;
  launch(tick: NumberedTick): void;
  cancel(run: number): void;
  reportSkip(skip: Skip): void;
  reportStatus(status: 'paused' | 'resumed' | 'reset'): void;
  /** So many runs in a row have failed that the schedule itself has. */
  giveUp(failures: number): void;
}

export type RunEvent =
  | { type: 'cancel' }
  /** The attempt and its cleanup are over. An attempt that threw has an error. */
  | {
      type: 'settled';
      hasFailed: boolean;
      error?: unknown;
      /** Another attempt would be of no use. */
      isFinal?: boolean;
    };

/** What a run can have done; it is done after the new state is visible. */
export interface RunHands {
  /** Call the work. */
  attempt(attempt: number): void;
  /** Cancel the signal of the attempt: it took too long. Returns the error of that. */
  cutShort(): unknown;
  /** Cancel the signal of the attempt: its run was cancelled. */
  cancel(): void;
  /** The delay before the next attempt, in milliseconds. */
  retryDelay(attempt: number): number;
  reportRetry(attempt: number, delayMs: number, error: unknown): void;
  /** It was cancelled, and has not ended within its limit. */
  reportStuck(): void;
}
