import { formatDuration } from '../../actors/rules/duration.ts';
import type { TaskState } from '../../actors/rules/task-hands.ts';
import type { ErrorInfo } from '../events.ts';

/** What happens to the tasks of a worker. Durations in milliseconds. */
export type TaskHappening =
  /** A task is in another state; its first is `pending`. */
  | {
      readonly type: 'task';
      readonly id: string;
      readonly status: TaskState;
      /** Attempts that have begun. */
      readonly attempt: number;
      /** Since it was accepted. */
      readonly ageMs: number;
      /** Until its next attempt may begin. */
      readonly delayMs?: number;
      readonly error?: ErrorInfo;
    }
  /** A task says how far it is: not every time, but ten times a second at most. */
  | {
      readonly type: 'task-progress';
      readonly id: string;
      /** From 0 to 1; missing where the task does not know. */
      readonly fraction?: number;
      readonly done?: number;
      readonly total?: number;
      readonly text?: string;
    };

/** What a task or a job says of how far it is. */
interface Progress {
  readonly fraction?: number;
  readonly done?: number;
  readonly total?: number;
  readonly text?: string;
}

export function describeTask(event: TaskHappening): string {
  if (event.type === 'task-progress') return `task '${event.id}' ${progressText(event)}`;
  const because = event.error ? `: ${event.error.message}` : '';
  return `task '${event.id}' ${stateText(event)}${because}`;
}

/** `is at 45% (9 of 20): reading rows` */
export function progressText({ fraction, done, total, text }: Progress): string {
  if (fraction === undefined) return `says: ${text ?? ''}`;
  const counts = done === undefined || total === undefined ? '' : ` (${done} of ${total})`;
  return `is at ${Math.floor(fraction * 100)}%${counts}${text === undefined ? '' : `: ${text}`}`;
}

function stateText(event: TaskHappening & { type: 'task' }): string {
  const { status, attempt, ageMs, delayMs = 0 } = event;
  const age = formatDuration(ageMs);
  switch (status) {
    case 'pending':
      return attempt === 0 ? 'is accepted' : 'is in line again';
    case 'running':
      return attempt === 1 ? 'runs' : `runs again (attempt ${attempt})`;
    case 'stopping':
      return 'is asked to stop';
    case 'backoff':
      return `is tried again in ${formatDuration(delayMs)} (attempt ${attempt} failed)`;
    case 'completed':
      return `has completed after ${age}`;
    case 'failed':
      return `has failed after ${age} (attempt ${attempt})`;
    case 'cancelled':
      return attempt === 0 ? 'was cancelled before it ran' : `was cancelled after ${age}`;
    case 'abandoned':
      return `did not stop and was abandoned after ${age}: what it still does does not count`;
  }
}
