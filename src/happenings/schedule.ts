import { formatDuration } from '../../actors/rules/duration.ts';
import type { ErrorInfo } from '../events.ts';

/**
 * What happens in a schedule. `due` is on its own clock: of `every` the system's monotonic one, as
 * `at`; of `cron`, `at` and everything with `once: 'cluster'` milliseconds since the epoch, as `time`.
 * null: asked for by hand.
 */
export type ScheduleHappening =
  /** A run begins, is to be tried again after a failed attempt, or is over. */
  | {
      readonly type: 'schedule-run';
      readonly status: 'started' | 'retrying' | 'completed' | 'failed' | 'cancelled';
      /** Which run of it, from 1. */
      readonly run: number;
      readonly due: number | null;
      /** How late it began. */
      readonly latenessMs: number;
      /** Attempts so far. */
      readonly attempts: number;
      /** From its begin to its end, all attempts and delays included. */
      readonly tookMs?: number;
      /** Until the next attempt. */
      readonly delayMs?: number;
      readonly error?: ErrorInfo;
    }
  /** Due times that were not run. `due` is the last of them. */
  | {
      readonly type: 'schedule-skipped';
      readonly why: 'overlap' | 'missed' | 'paused' | 'closed' | 'past' | 'elsewhere';
      readonly count: number;
      readonly due: number | null;
    }
  /**
   * `reset`: its clock was set back so far that its timetable starts anew. `unreachable`: the storage
   * that its replicas share does not answer; `reachable`: it does again.
   */
  | {
      readonly type: 'schedule';
      readonly status: 'paused' | 'resumed' | 'reset' | 'unreachable' | 'reachable';
      readonly error?: ErrorInfo;
    };

export function describeSchedule(event: ScheduleHappening): string {
  switch (event.type) {
    case 'schedule-run':
      return describeRun(event);
    case 'schedule-skipped':
      return `skips ${event.count === 1 ? 'a run' : `${event.count} runs`}: ${skippedBecause[event.why]}`;
    case 'schedule':
      return event.error
        ? `${statuses[event.status]}: ${event.error.message}`
        : statuses[event.status];
  }
}

const skippedBecause = {
  overlap: 'an earlier one is still under way',
  missed: 'nobody was there to see the time come',
  paused: 'it was paused',
  closed: 'it takes no more ticks in',
  past: 'its date had passed before it started',
  elsewhere: 'another replica has it',
} as const;

const statuses = {
  paused: 'is paused',
  resumed: 'goes on',
  unreachable: 'cannot ask who has its ticks',
  reachable: 'can ask again who has its ticks',
  reset: 'starts its timetable anew: its clock was set back by hours',
} as const;

type RunHappening = Extract<ScheduleHappening, { type: 'schedule-run' }>;

function describeRun({ status, run, latenessMs, attempts, tookMs, delayMs, error }: RunHappening) {
  const because = error ? `: ${error.message}` : '';
  const after = tookMs === undefined ? '' : ` after ${formatDuration(tookMs)}`;
  const tries = attempts > 1 ? ` and ${attempts} attempts` : '';
  switch (status) {
    case 'started':
      return `run ${run} begins${latenessMs > 0 ? `, ${formatDuration(latenessMs)} late` : ''}`;
    case 'retrying':
      return `attempt ${attempts} of run ${run} failed; tries again in ${formatDuration(delayMs ?? 0)}${because}`;
    case 'completed':
      return `run ${run} is done${after}${tries}`;
    case 'failed':
      return `run ${run} failed${after}${tries}${because}`;
    case 'cancelled':
      return `run ${run} was cancelled${after}${because}`;
  }
}
