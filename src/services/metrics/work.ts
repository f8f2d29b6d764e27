import type { LifecycleEvent } from '../../events.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { actorLabel } from './lifecycle.ts';
import type { MetricsRegistry, Series } from './registry.ts';

type TaskEvent = Extract<LifecycleEvent, { type: 'task' }>;
type JobEvent = Extract<LifecycleEvent, { type: 'job' }>;
type Over = 'completed' | 'failed' | 'cancelled' | 'abandoned';

const over: readonly string[] = ['completed', 'failed', 'cancelled', 'abandoned'] satisfies Over[];
const secondsBounds: readonly number[] = [0.01, 0.1, 1, 10, 60, 600, 3_600];

/** Counts what workers, queues and schedules do, and says which breakers are open. */
export function measureWork(kernel: Kernel, registry: MetricsRegistry): void {
  const measureTask = taskMeasure(registry);
  const measureJob = jobMeasure(registry);
  kernel.journal.listen((event) => {
    const actor = actorLabel(kernel, event.path);
    switch (event.type) {
      case 'task':
        return measureTask(event, actor);
      case 'job':
        return measureJob(event);
      case 'schedule-run': {
        const { status, tookMs } = event;
        if (status === 'started' || status === 'retrying') return;
        const runs = registry.instrument('daruma_runs_total', 'counter', 'Runs of schedules.');
        runs.at({ actor, status }).add(1);
        const help = 'How long runs of schedules took, all attempts included.';
        const took = registry.instrument('daruma_run_seconds', 'histogram', help, secondsBounds);
        took.at({ actor, status }).record((tookMs ?? 0) / 1_000);
        return;
      }
      case 'schedule-skipped': {
        const help = 'Due times of schedules that were not run.';
        const skipped = registry.instrument('daruma_runs_skipped_total', 'counter', help);
        skipped.at({ actor, why: event.why }).add(event.count);
        return;
      }
      case 'breaker': {
        const help = '1 while the breaker of a policy refuses calls.';
        const open = registry.instrument('daruma_breaker_open', 'gauge', help);
        open.at({ policy: event.policy }).set(event.status === 'open' ? 1 : 0);
        return;
      }
      default:
    }
  });
}

/** How many tasks are in each state, how many are over, and how long they took. */
function taskMeasure(registry: MetricsRegistry): (event: TaskEvent, actor: string) => void {
  const states = new Map<string, string>();
  return ({ id, path, incarnation, status, ageMs }, actor) => {
    const now = registry.instrument('daruma_tasks', 'gauge', 'Tasks that are not over, by status.');
    const key = `${path}#${incarnation} ${id}`;
    const before = states.get(key);
    if (before) now.at({ actor, status: before }).add(-1);
    if (!over.includes(status)) {
      states.set(key, status);
      now.at({ actor, status }).add(1);
      return;
    }
    states.delete(key);
    registry
      .instrument('daruma_tasks_total', 'counter', 'Tasks that are over.')
      .at({ actor, status })
      .add(1);
    const help = 'From the acceptance of tasks to their end.';
    const took = registry.instrument('daruma_task_seconds', 'histogram', help, secondsBounds);
    took.at({ actor, status }).record(ageMs / 1_000);
  };
}

/** What becomes of jobs, how many run here, how long they waited and how long attempts took. */
function jobMeasure(registry: MetricsRegistry): (event: JobEvent) => void {
  const queues = new Map<string, QueueMeasures>();
  /** Attempts that run in this process. */
  const running = new Set<string>();
  return ({ path, incarnation, queue, id, attempt, status, waitedMs, tookMs }) => {
    if (status === 'progress') return;
    const measures = queues.get(queue) ?? new QueueMeasures(registry, queue);
    queues.set(queue, measures);
    measures.total(status).add(1);
    const key = `${path}#${incarnation} ${queue} ${id} ${attempt}`;
    if (status === 'started') {
      running.add(key);
      measures.running().add(1);
      measures.waited().record((waitedMs ?? 0) / 1_000);
    } else if (running.delete(key)) {
      measures.running().add(-1);
    }
    if (tookMs !== undefined) measures.took(status).record(tookMs / 1_000);
  };
}

/** The series of one queue, each looked up once: every job is measured several times. */
class QueueMeasures {
  readonly total = once((status: string) => {
    const help = 'What happened to jobs: added, started, completed, retrying, dead and so on.';
    return this.#registry
      .instrument('daruma_jobs_total', 'counter', help)
      .at({ queue: this.#queue, status });
  });
  readonly running = once(() => {
    const running = this.#registry.instrument(
      'daruma_jobs_running',
      'gauge',
      'Jobs that run here.',
    );
    return running.at({ queue: this.#queue });
  });
  readonly waited = once(() => {
    const help = 'From when jobs could have begun until they did.';
    return this.#registry
      .instrument('daruma_job_wait_seconds', 'histogram', help, secondsBounds)
      .at({ queue: this.#queue });
  });
  readonly took = once((status: string) => {
    const help = 'How long attempts of jobs took, by how they ended.';
    return this.#registry
      .instrument('daruma_job_seconds', 'histogram', help, secondsBounds)
      .at({ queue: this.#queue, status });
  });
  readonly #registry: MetricsRegistry;
  readonly #queue: string;

  constructor(registry: MetricsRegistry, queue: string) {
    this.#registry = registry;
    this.#queue = queue;
  }
}

function once(make: (key: string) => Series): (key?: string) => Series {
  const known = new Map<string, Series>();
  return (key = '') => {
    const series = known.get(key) ?? make(key);
    known.set(key, series);
    return series;
  };
}
