import type { OwnEnd } from '../../actors/rules/crew.ts';
import { formatDuration } from '../../actors/rules/duration.ts';
import type { ServiceSpec } from '../define/spec.ts';
import { DarumaError } from '../errors.ts';
import { messageOf } from '../events.ts';
import type { TreeNode } from './node.ts';

/** The errors that supervision itself makes, each with its numbers, usual cause and remedy. */

export function startFailedError(path: string, cause: unknown): DarumaError {
  return new DarumaError('DARUMA_START_FAILED', `${path} failed to start: ${messageOf(cause)}`, {
    path,
    cause,
    hint: "A first start is not retried; firstStart: 'retry' retries it with backoff.",
  });
}

export function endedBeforeReadyError(node: TreeNode): DarumaError {
  return new DarumaError('DARUMA_ENDED_BEFORE_READY', 'its body returned before it was ready.', {
    path: node.path,
    hint: "With ready: 'manual' the body calls ctx.ready(value) before it returns.",
  });
}

/** Of a supervisor whose significant item ended before all its items had come up. */
export function neverReadyError(node: TreeNode): DarumaError {
  return new DarumaError(
    'DARUMA_ENDED_BEFORE_READY',
    `${node.path} shut itself down before it was ready.`,
    { path: node.path, hint: 'A significant item ended while others were still starting.' },
  );
}

export function startTimeoutError(node: TreeNode): DarumaError {
  const { startWithinMs } = node.spec as ServiceSpec;
  return new DarumaError(
    'DARUMA_START_TIMEOUT',
    `${node.path} was not ready within ${formatDuration(startWithinMs)}.`,
    {
      path: node.path,
      hint: "Usual cause: start() awaits something that never comes, or ctx.ready() is not called. Raise 'startWithin' if it is just slow.",
    },
  );
}

export function restartLimitError(
  node: TreeNode,
  culprit: string,
  end: OwnEnd,
  periodMs: number,
): DarumaError {
  const { used, intensity, isDecided } = end;
  const message = isDecided
    ? `${node.path} gave up: ${culprit} decided to escalate.`
    : `${node.path} gave up: ${used} restarts in ${formatDuration(periodMs)} are all that it allows (intensity ${intensity}), and ${culprit} failed again.`;
  return new DarumaError('DARUMA_RESTART_LIMIT', message, {
    path: node.path,
    cause: end.error,
    hint: `See the cause for what ${culprit} fails of. A longer backoff keeps a failing child inside the budget; whenExhausted: 'give-up' leaves it failed and the rest running.`,
  });
}

export function watchdogError(node: TreeNode, limitMs: number, sinceBeatMs: number): DarumaError {
  return new DarumaError(
    'DARUMA_WATCHDOG',
    `${node.path} has not called ctx.beat() for ${formatDuration(sinceBeatMs)}; its watchdog allows ${formatDuration(limitMs)}.`,
    {
      path: node.path,
      hint: 'Usual cause: an await that never settles. Beat once per unit of progress, not from a timer.',
    },
  );
}

/** A part of the context that this system was made without. */
export function notOfferedError(path: string, name: string): DarumaError {
  return new DarumaError('DARUMA_NOT_SUPPORTED', `ctx.${name} is not offered by this system.`, {
    path,
    hint: 'createSystem() offers it; a system that was put together by hand has to name it.',
  });
}

export function staleError(path: string, incarnation: number, what: string): DarumaError {
  return new DarumaError(
    'DARUMA_STALE_INCARNATION',
    `Incarnation ${incarnation} of ${path} is over; it may not call ctx.${what} any more.`,
    {
      path,
      hint: 'Usual cause: a promise or timer that outlived its service. Pass ctx.signal to it, or undo it in ctx.defer().',
    },
  );
}

export function receiverFailedError(path: string, message: string, cause: unknown): DarumaError {
  return new DarumaError(
    'DARUMA_RECEIVER_FAILED',
    `${path} failed while it handled '${message}': ${messageOf(cause)}`,
    { path, cause, hint: 'The receiver is restarted as after any failure; ask again later.' },
  );
}

export function notRunningError(path: string, what: string): DarumaError {
  return new DarumaError('DARUMA_NOT_RUNNING', `${path} is not running: ${what} was refused.`, {
    path,
    hint: "Wait for it to be ready, or let messages wait with whileDown: 'buffer'.",
  });
}

/** What a body throws that was asked to stop and obeys; never a failure after a cancellation. */
export function isAbort(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return error.name === 'AbortError' || code === 'DARUMA_STALE_INCARNATION';
}

/** In place of what was thrown when that is undefined, which cannot be told from no error. */
export function threwNothing(who: 'body' | 'task' | 'handler' = 'body'): TypeError {
  return new TypeError(`The ${who} threw undefined instead of an error.`);
}
