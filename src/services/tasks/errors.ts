import { formatDuration } from '../../../actors/rules/duration.ts';
import { CancelledError, DarumaError } from '../../errors.ts';

/** The errors of workers and their tasks, each with its numbers, usual cause and remedy. */

export function duplicateError(path: string, id: string, status: string): DarumaError {
  return new DarumaError('DARUMA_TASK_DUPLICATE', `${path} has a task '${id}': it is ${status}.`, {
    path,
    hint: 'Ids are unique among the tasks that are not over. Wait for it, cancel it, or put what tells them apart into the id.',
  });
}

export function fullError(path: string, id: string, pending: number): DarumaError {
  return new DarumaError(
    'DARUMA_TASKS_FULL',
    `${path} refused task '${id}': ${pending} tasks wait already, and maxPending allows no more.`,
    {
      path,
      hint: 'Tell the caller to come back later, or wait for room with submitWhenFree(). Raise maxPending only if the memory is there.',
    },
  );
}

export function stoppingError(path: string, id: string): DarumaError {
  return new DarumaError(
    'DARUMA_TASKS_STOPPING',
    `${path} takes no more tasks: it refused '${id}' because it is stopping or has stopped.`,
    {
      path,
      hint: 'After a restart there is a new worker: ask for it with ctx.needs or system.value() each time, instead of keeping it.',
    },
  );
}

export function timeoutError(path: string, id: string, timeoutMs: number): DarumaError {
  return new DarumaError(
    'DARUMA_TASK_TIMEOUT',
    `Task '${id}' of ${path} took longer than ${formatDuration(timeoutMs)}, its timeout.`,
    { path, hint: "Raise 'timeout' if it is just slow, or pass ctx.signal to what it waits for." },
  );
}

export function cancelledError(path: string, id: string): CancelledError {
  return new CancelledError(path, `Task '${id}' of ${path}`);
}

export function abandonedError(path: string, id: string): DarumaError {
  return new DarumaError(
    'DARUMA_TASK_ABANDONED',
    `Task '${id}' of ${path} was asked to stop, did not end within its limit, and was abandoned.`,
    {
      path,
      hint: 'Usual cause: its function does not look at ctx.signal. Pass it on, or raise cancelWithin if it is just slow to end.',
    },
  );
}

export function staleTaskError(path: string, id: string, what: string): DarumaError {
  return new DarumaError(
    'DARUMA_STALE_INCARNATION',
    `An attempt of task '${id}' of ${path} is over; it may not call ctx.${what} any more.`,
    {
      path,
      hint: 'Usual cause: a promise or timer that outlived its task. Await it, or pass ctx.signal to it.',
    },
  );
}
