import type { TaskState } from '../../../actors/rules/task-hands.ts';
import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { TreeInfo } from '../tree-info.ts';
import { ms, violationOf } from './violation.ts';

type TaskEvent = Extract<TraceEvent, { type: 'task' }>;

/** Where a task may go from each state. One that is over makes room for another of its id. */
const ways: { readonly [From in TaskState]: readonly TaskState[] } = {
  pending: ['running', 'cancelled'],
  running: ['completed', 'failed', 'backoff', 'stopping', 'abandoned'],
  // Once for its timeout, and once more for a cancel.
  stopping: ['stopping', 'completed', 'failed', 'cancelled', 'backoff', 'abandoned'],
  backoff: ['pending', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
  abandoned: [],
};

const isOver = ({ status }: TaskEvent): boolean => ways[status].length === 0;
const runs = ({ status }: TaskEvent): boolean => status === 'running' || status === 'stopping';

/** What the tasks of every worker did last, by worker and id. Each incarnation has its own. */
class Desk {
  readonly #latest = new Map<string, Map<string, TaskEvent>>();

  of({ path, incarnation }: TraceEvent): Map<string, TaskEvent> {
    const key = `${path}#${incarnation}`;
    const known = this.#latest.get(key);
    if (known) return known;
    const fresh = new Map<string, TaskEvent>();
    this.#latest.set(key, fresh);
    return fresh;
  }

  /** Returns what the task did before. */
  take(event: TaskEvent): TaskEvent | undefined {
    const tasks = this.of(event);
    const before = tasks.get(event.id);
    tasks.set(event.id, event);
    return before;
  }
}

const illegal = violationOf('taskLegal');

export const taskLegal: Invariant = {
  name: 'taskLegal',
  description: 'A task goes the ways of its chart only, and nothing follows its end.',
  kind: 'safety',
  begin() {
    const desk = new Desk();
    return {
      onEvent(event) {
        if (event.type !== 'task') return undefined;
        const before = desk.take(event);
        const isNew = event.status === 'pending' && event.attempt === 0;
        if (!before || (isNew && isOver(before))) {
          if (isNew) return undefined;
          return illegal(
            event,
            `Task '${event.id}' of ${event.path} is ${event.status} before it was accepted.`,
          );
        }
        const goesOn = event.attempt === before.attempt + (event.status === 'running' ? 1 : 0);
        if (ways[before.status].includes(event.status) && goesOn) return undefined;
        return illegal(
          event,
          `Task '${event.id}' of ${event.path} goes from ${before.status} (attempt ${before.attempt}) to ${event.status} (attempt ${event.attempt}).`,
          before,
        );
      },
    };
  },
};

const lost = violationOf('taskNeverLost');

export const taskNeverLost: Invariant = {
  name: 'taskNeverLost',
  description: 'Every task that was accepted comes to an end, at the latest with its worker.',
  kind: 'safety',
  begin() {
    const desk = new Desk();
    return {
      onEvent(event) {
        if (event.type === 'task') {
          desk.take(event);
          return undefined;
        }
        if (event.type !== 'ended' && event.type !== 'unstopped') return undefined;
        for (const task of desk.of(event).values()) {
          if (isOver(task)) continue;
          return lost(
            event,
            `${event.path} is over at ${event.at} ms, and its task '${task.id}' is still ${task.status}.`,
            task,
          );
        }
        return undefined;
      },
    };
  },
};

const crowded = violationOf('tasksWithinConcurrency');

export const tasksWithinConcurrency: Invariant = {
  name: 'tasksWithinConcurrency',
  description: 'A worker never runs more tasks beside each other than its concurrency allows.',
  kind: 'safety',
  begin(tree) {
    const desk = new Desk();
    const running = new Map<string, number>();
    return {
      onEvent(event) {
        if (event.type !== 'task') return undefined;
        const before = desk.take(event);
        const change = Number(runs(event)) - Number(before !== undefined && runs(before));
        if (change === 0) return undefined;
        const key = `${event.path}#${event.incarnation}`;
        const count = (running.get(key) ?? 0) + change;
        running.set(key, count);
        const limit = concurrencyOf(tree, event.path);
        if (change < 0 || limit === undefined || count <= limit) return undefined;
        const others = [...desk.of(event).values()].filter(runs);
        return crowded(
          event,
          `${count} tasks of ${event.path} run at ${event.at} ms; its concurrency is ${limit}.`,
          ...others,
        );
      },
    };
  },
};

function concurrencyOf(tree: TreeInfo, path: string): number | undefined {
  const spec = tree.specAt(path);
  if (spec?.kind !== 'service' || spec.body.kind !== 'hooks') return undefined;
  const { concurrency } = spec.body.battery?.policy ?? {};
  return typeof concurrency === 'number' ? concurrency : undefined;
}

const hasty = violationOf('taskBackoff');

export const taskBackoff: Invariant = {
  name: 'taskBackoff',
  description: 'A task that failed waits for its delay before it gets in line again.',
  kind: 'safety',
  begin(_tree, book) {
    const desk = new Desk();
    return {
      onEvent(event) {
        if (event.type !== 'task') return undefined;
        const before = desk.take(event);
        if (before?.status !== 'backoff' || event.status !== 'pending') return undefined;
        const { delayMs = 0 } = before;
        if (event.at >= before.at + delayMs - book.earlyMs) return undefined;
        return hasty(
          event,
          `Task '${event.id}' of ${event.path} is in line again after ${ms(event.at - before.at)}; its delay is ${ms(delayMs)}.`,
          before,
        );
      },
    };
  },
};

/** What every worker keeps, whatever goes wrong in its tasks. */
export const taskInvariants: readonly Invariant[] = [
  taskLegal,
  taskNeverLost,
  tasksWithinConcurrency,
  taskBackoff,
];
