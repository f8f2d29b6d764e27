import { formatDuration } from '../actors/rules/duration.ts';
import type { ErrorInfo, LifecycleEvent, WaitingFor } from './events.ts';
import { describeBus } from './happenings/bus.ts';
import { describeJob } from './happenings/jobs.ts';
import { describeLease } from './happenings/leases.ts';
import { describeNotify } from './happenings/notify.ts';
import { describeItem } from './happenings/pipelines.ts';
import { describePlugin } from './happenings/plugins.ts';
import { describeResilience } from './happenings/resilience.ts';
import { describeSchedule } from './happenings/schedule.ts';
import { describeStorage } from './happenings/storage.ts';
import { describeTask } from './happenings/tasks.ts';

/** An event as a sentence for people, without its path: the only place that makes them. */
export function describe(event: LifecycleEvent): string {
  switch (event.type) {
    case 'waiting':
      return `waits for ${named(event.for)}`;
    case 'starting':
      return event.attempt === 0 ? 'starts' : `starts again (attempt ${event.attempt})`;
    case 'ready':
      return `is ready after ${formatDuration(event.tookMs)}`;
    case 'ignored':
      return 'is not needed';
    case 'start-failed':
      return `did not start: ${event.error.message}`;
    case 'stop-requested':
      return `is asked to stop${within(event.limitMs)}`;
    case 'stop-error':
      return `failed while it stopped: ${event.error.message}`;
    case 'ended':
      return ended(event.reason, event.error);
    case 'unstopped':
      return `did not stop within ${limit(event.limitMs)} and was abandoned`;
    case 'backoff':
      return `restarts in ${formatDuration(event.delayMs)} (attempt ${event.attempt}; ${event.used} of ${event.intensity} restarts in ${formatDuration(event.periodMs)})${because(event.error)}`;
    case 'suspended':
      return event.for.length === 0
        ? 'is taken down, to start again with what its need has made ready since'
        : `is suspended until ${named(event.for)} is ready`;
    case 'stopped':
      return 'stays down: what it waited for was called off';
    case 'failed':
      return `is given up after ${event.used} of ${event.intensity} restarts in ${formatDuration(event.periodMs)}${because(event.error)}`;
    case 'dropped':
      return 'is forgotten';
    case 'escalated':
      return event.isDecided
        ? `gives up: ${event.culprit} escalated${because(event.error)}`
        : `gives up: ${event.culprit} failed after ${event.used} of ${event.intensity} restarts in ${formatDuration(event.periodMs)}${because(event.error)}`;
    case 'auto-shutdown':
      return `shuts itself down: ${event.culprit}, which is significant, has ended`;
    case 'draining':
      return 'takes no more work and finishes what is in flight';
    case 'drained':
      return event.error ? `failed while it drained: ${event.error.message}` : 'has drained';
    case 'health':
      return `is ${event.status}${event.check === undefined ? '' : `, says its check ${event.check}`}${event.reason === undefined ? '' : `: ${event.reason}`}`;
    case 'overdue':
      return `has not beaten for ${formatDuration(event.sinceBeatMs)} (watchdog ${formatDuration(event.limitMs)})`;
    case 'loop-blocked':
      return `the event loop was blocked for ${formatDuration(event.blockedMs)}; its watchdog gets another period`;
    case 'message-lost':
      return `lost message '${event.message}': ${lostBecause[event.why]}`;
    case 'decide-failed':
      return `its decide() failed, so it is restarted: ${event.error.message}`;
    case 'stray-error':
      return `${whose(event)}left an error behind: ${event.error.message}`;
    case 'late':
      return event.what === 'ended'
        ? `incarnation ${event.fromIncarnation}, which was abandoned, has ended after all`
        : `incarnation ${event.fromIncarnation}, which was abandoned, reported '${event.what}'; ignored`;
    case 'listener-failed':
      return `a listener failed: ${event.error.message}`;
    case 'hint':
      return event.text;
    case 'phase':
      return `the system is ${event.phase}`;
    case 'boot-timeout':
      return `not ready within ${formatDuration(event.limitMs)}; still missing: ${event.paths.join(', ')}`;
    case 'signal':
      return event.count === 1 ? `${event.signal}: stopping` : `${event.signal} again: leaving now`;
    case 'cut-off':
      return event.paths.length === 0
        ? 'nothing was cut off'
        : `cut off while still up: ${event.paths.join(', ')}`;
    case 'lease':
      return describeLease(event);
    case 'notification':
      return describeNotify(event);
    case 'item':
      return describeItem(event);
    case 'plugin':
      return describePlugin(event);
    case 'events-dropped':
    case 'handler-failed':
    case 'emission-aborted':
      return describeBus(event);
    case 'storage-opened':
    case 'storage-failed':
      return describeStorage(event);
    case 'schedule-run':
    case 'schedule-skipped':
    case 'schedule':
      return describeSchedule(event);
    case 'breaker':
    case 'probe':
    case 'retry':
    case 'fallback':
      return describeResilience(event);
    case 'task':
    case 'task-progress':
      return describeTask(event);
    case 'job':
    case 'queue':
      return describeJob(event);
  }
}

function whose({ task, job }: { readonly task?: string; readonly job?: string }): string {
  if (job !== undefined) return `job ${job} `;
  return task === undefined ? '' : `task '${task}' `;
}

const lostBecause = {
  'not-running': 'nobody is there to receive it',
  dropped: 'it is down, and drops what comes meanwhile',
  'mailbox-full': 'its mailbox is full',
} as const;

function ended(reason: string, error: ErrorInfo | undefined): string {
  switch (reason) {
    case 'normal':
      return 'returned';
    case 'error':
      return `failed${because(error)}`;
    case 'killed':
      return 'was cut off';
    case 'RestartLimitExceeded':
      return `ended: ${error?.message ?? 'its restarts ran out'}`;
    default:
      return 'has stopped';
  }
}

function named(waitingFor: readonly WaitingFor[]): string {
  return waitingFor.length === 0 ? 'its group' : waitingFor.map(({ path }) => path).join(' and ');
}

function because(error: ErrorInfo | undefined): string {
  return error ? `: ${error.message}` : '';
}

function within(limitMs: number | null): string {
  return limitMs === null ? '' : ` within ${formatDuration(limitMs)}`;
}

function limit(limitMs: number | null): string {
  return limitMs === null ? 'its limit' : formatDuration(limitMs);
}
