import { formatDuration } from '../../actors/rules/duration.ts';
import type { DeathReason } from '../define/jobs.ts';
import type { ErrorInfo } from '../events.ts';
import { progressText } from './tasks.ts';

/** How far a job is. */
export interface JobProgress {
  /** From 0 to 1; missing where the job does not know. */
  readonly fraction?: number;
  readonly done?: number;
  readonly total?: number;
  readonly text?: string;
}

/** What happens to durable jobs. Durations in milliseconds. */
export type JobHappening =
  | {
      readonly type: 'job';
      readonly queue: string;
      readonly id: string;
      /**
       * `added`: told by whoever added it. `started`: an attempt was claimed and begins. Then exactly
       * one of `completed`, `retrying`, `dead`, `cancelled` and `released` (given back unharmed), told
       * by whoever stored it. `lost`: told by a worker that lost its claim, so that what it did does
       * not count. `progress`: ten times a second at most.
       */
      readonly status: JobStatus;
      /** Which attempt, from 1; 0 of a job that was added. */
      readonly attempt: number;
      readonly workspaceId?: string;
      /** Of one that has started: since it could have. */
      readonly waitedMs?: number;
      /** Since the attempt began, of one that is over. */
      readonly tookMs?: number;
      /** Until its next attempt may begin. */
      readonly delayMs?: number;
      /** Of a dead one; `lost`, of one that is tried again, when whoever ran it vanished. */
      readonly reason?: DeathReason;
      readonly error?: ErrorInfo;
      /** Of one that says how far it is, as its progress has them. */
      readonly fraction?: number;
      readonly done?: number;
      readonly total?: number;
      readonly text?: string;
    }
  | {
      readonly type: 'queue';
      readonly queue: string;
      /** As its worker finds it. */
      readonly status: 'paused' | 'resumed' | 'unreachable' | 'reachable';
      /** Until it tries again to reach it. */
      readonly delayMs?: number;
      readonly error?: ErrorInfo;
    };

export type JobStatus =
  | 'added'
  | 'started'
  | 'progress'
  | 'completed'
  | 'retrying'
  | 'dead'
  | 'cancelled'
  | 'released'
  | 'lost';

export function describeJob(event: JobHappening): string {
  const because = event.error ? `: ${event.error.message}` : '';
  if (event.type === 'queue') return `${queueText(event)}${because}`;
  return `job ${event.id} of ${event.queue} ${statusText(event)}${because}`;
}

function queueText({ queue, status, delayMs = 0 }: JobHappening & { type: 'queue' }): string {
  switch (status) {
    case 'paused':
      return `claims nothing of ${queue}, which is paused`;
    case 'resumed':
      return `claims from ${queue} again`;
    case 'unreachable':
      return `cannot reach the queue ${queue}, and tries again in ${formatDuration(delayMs)}`;
    case 'reachable':
      return `reaches the queue ${queue} again`;
  }
}

const deaths: Readonly<Record<DeathReason, string>> = {
  exhausted: 'its last attempt failed',
  'not-retryable': 'another attempt would be of no use',
  lost: 'whoever ran its last attempt has vanished',
  'invalid-payload': 'its payload is not what its queue takes',
};

function statusText(event: JobHappening & { type: 'job' }): string {
  const { status, attempt, waitedMs = 0, tookMs = 0, delayMs = 0, reason } = event;
  switch (status) {
    case 'added':
      return 'is added';
    case 'started':
      return `starts after ${formatDuration(waitedMs)}${attempt === 1 ? '' : ` (attempt ${attempt})`}`;
    case 'progress':
      return progressText(event);
    case 'completed':
      return `has completed in ${formatDuration(tookMs)}`;
    case 'retrying':
      return reason === 'lost'
        ? `is tried again: whoever ran attempt ${attempt} has vanished`
        : `is tried again in ${formatDuration(delayMs)} (attempt ${attempt} failed)`;
    case 'dead':
      return `is dead after attempt ${attempt}, as ${deaths[reason ?? 'exhausted']}`;
    case 'cancelled':
      return attempt === 0 ? 'was cancelled before it ran' : 'was cancelled';
    case 'released':
      return 'is given back, as its worker stops';
    case 'lost':
      return 'was lost to its lease: what this attempt still does does not count';
  }
}
