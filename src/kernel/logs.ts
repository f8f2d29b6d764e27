import type { Level, Logger } from 'pino';
import type { TaskState } from '../../actors/rules/task-hands.ts';
import { describe } from '../describe.ts';
import type { LifecycleEvent } from '../events.ts';
import type { JobStatus } from '../happenings/jobs.ts';
import type { PipelineHappening } from '../happenings/pipelines.ts';
import type { Journal } from './journal.ts';
import type { Tree } from './tree.ts';

/** How loud each kind of event is. Children of a population are one level quieter. */
const levels: Record<LifecycleEvent['type'], Level> = {
  waiting: 'debug',
  starting: 'debug',
  ready: 'info',
  ignored: 'info',
  'start-failed': 'error',
  'stop-requested': 'debug',
  'stop-error': 'warn',
  ended: 'debug',
  unstopped: 'error',
  backoff: 'warn',
  suspended: 'warn',
  stopped: 'debug',
  failed: 'error',
  dropped: 'debug',
  escalated: 'error',
  'auto-shutdown': 'info',
  draining: 'debug',
  drained: 'debug',
  health: 'warn',
  overdue: 'error',
  'loop-blocked': 'warn',
  'message-lost': 'warn',
  'decide-failed': 'error',
  'stray-error': 'error',
  late: 'warn',
  'listener-failed': 'error',
  hint: 'warn',
  phase: 'debug',
  'boot-timeout': 'error',
  signal: 'info',
  'cut-off': 'error',
  lease: 'info',
  notification: 'debug',
  item: 'warn',
  plugin: 'info',
  'events-dropped': 'warn',
  'handler-failed': 'error',
  'emission-aborted': 'warn',
  'storage-opened': 'debug',
  'storage-failed': 'error',
  'schedule-run': 'debug',
  'schedule-skipped': 'warn',
  schedule: 'info',
  breaker: 'warn',
  probe: 'debug',
  retry: 'warn',
  fallback: 'warn',
  task: 'debug',
  'task-progress': 'debug',
  job: 'debug',
  queue: 'info',
};

/** What people should hear of a task. */
const taskLevels: Partial<Record<TaskState, Level>> = {
  backoff: 'warn',
  failed: 'error',
  abandoned: 'error',
};

/** What people should hear of a job. */
const jobLevels: Partial<Record<JobStatus, Level>> = {
  retrying: 'warn',
  dead: 'error',
  lost: 'warn',
};

/** Writes the journal to the log: one line an event, with the error where there is one. */
export function logEvents(journal: Journal, tree: Tree, logger: Logger): () => void {
  return journal.listen((event) => {
    const level = levelOf(event, tree);
    if (!logger.isLevelEnabled(level)) return;
    const fields = { actor: event.path, incarnation: event.incarnation, event: event.type };
    const error = 'error' in event ? event.error : undefined;
    logger[level](error ? { ...fields, err: error } : fields, describe(event));
  });
}

type ItemStatus = PipelineHappening['status'];

/** By the time until it is tried again. */
const itemLevels: Readonly<Record<ItemStatus, (retryMs: number | null | undefined) => Level>> = {
  failed: (retryMs) => (typeof retryMs === 'number' ? 'warn' : 'error'),
  unmatched: () => 'info',
  dropped: () => 'warn',
  lost: () => 'error',
};

function levelOf(event: LifecycleEvent, tree: Tree): Level {
  if (event.type === 'ready' && tree.get(event.path)?.isPassing) return 'debug';
  if (event.type === 'ended' && event.error) return 'warn';
  if (event.type === 'drained' && event.error) return 'warn';
  if (event.type === 'late' && event.what === 'ended') return 'debug';
  if (event.type === 'notification' && event.outcome !== 'sent') return 'warn';
  if (event.type === 'item') return itemLevels[event.status](event.retryMs);
  if (event.type === 'plugin' && event.error) return 'error';
  if (event.type === 'lease' && (event.status === 'lost' || event.status === 'unreachable')) {
    return 'warn';
  }
  if (event.type === 'health' && event.status === 'healthy') return 'info';
  if (event.type === 'schedule-run' && event.status === 'failed') return 'error';
  if (event.type === 'schedule-run' && event.status === 'retrying') return 'warn';
  if (event.type === 'schedule-skipped' && event.why === 'elsewhere') return 'debug';
  if (event.type === 'schedule' && event.status === 'unreachable') return 'warn';
  if (event.type === 'breaker' && event.status !== 'open') return 'info';
  if (event.type === 'task') return taskLevels[event.status] ?? levels.task;
  if (event.type === 'job') return jobLevels[event.status] ?? levels.job;
  if (event.type === 'queue' && event.status === 'unreachable') return 'warn';
  return levels[event.type];
}
