import type { NumberedTick, Skip } from './ticking.ts';

/** How a run ended; `elsewhere`: it was not to begin here, as another replica has its tick. */
export type RunEnd = 'completed' | 'failed' | 'cancelled' | 'elsewhere';

export type ScheduleEvent =
  | { type: 'pause' }
  | { type: 'resume' }
  /** The clock of the timetable was set. */
  | { type: 'clockSet' }
  | { type: 'runNow'; request: number }
  /** Up to where the replicas have dealt with everything, on the clock of the timetable. */
  | { type: 'recalled'; dealtWith: number }
  /** Nobody could say. */
  | { type: 'unanswered' }
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
  /** Ask what was dealt with last, here or elsewhere. */
  recall(): void;
  launch(tick: NumberedTick): void;
  cancel(run: number): void;
  reportSkip(skip: Skip): void;
  reportStatus(status: 'paused' | 'resumed' | 'reset'): void;
  /** So many runs in a row have failed that the schedule itself has. */
  giveUp(failures: number): void;
}

/** Of work that claims its tick itself. */
export interface WhyItFailed {
  /** Another replica has the tick. */
  readonly isTaken: boolean;
  /** Where it is stored could not be reached: it is tried again in any case. */
  readonly isOutage: boolean;
}

export type RunEvent =
  | { type: 'cancel' }
  /** The tick is its own. */
  | { type: 'claimed' }
  /** Another replica has the tick. */
  | { type: 'taken' }
  /** Nobody could say whose it is. */
  | { type: 'unanswered' }
  /** The attempt and its cleanup are over. An attempt that threw has an error. */
  | ({
      type: 'settled';
      hasFailed: boolean;
      error?: unknown;
      /** Another attempt would be of no use. */
      isFinal?: boolean;
    } & WhyItFailed);

/** What a run can have done; it is done after the new state is visible. */
export interface RunHands {
  /** A number in [0, 1). */
  random(): number;
  /** Ask for the tick. */
  claim(): void;
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
