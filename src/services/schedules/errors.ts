import { formatDuration } from '../../../actors/rules/duration.ts';
import { DarumaError } from '../../errors.ts';
import { messageOf } from '../../events.ts';

/** The errors that schedules make, each with its numbers, usual cause and remedy. */

export function runTimeoutError(path: string, run: number, timeoutMs: number): DarumaError {
  return new DarumaError(
    'DARUMA_RUN_TIMEOUT',
    `Run ${run} of ${path} was not done within ${formatDuration(timeoutMs)}.`,
    { path, hint: "Usual cause: an await that never settles. Raise 'timeout' if it is just slow." },
  );
}

export function runStuckError(path: string, run: number, limitMs: number): DarumaError {
  return new DarumaError(
    'DARUMA_RUN_STUCK',
    `Run ${run} of ${path} was cancelled, and has not ended within ${formatDuration(limitMs)}.`,
    {
      path,
      hint: 'Pass ctx.signal to everything that it awaits. Until it ends nothing else may run in its place.',
    },
  );
}

export function scheduleFailedError(path: string, failures: number, cause: unknown): DarumaError {
  const runs = failures === 1 ? 'A run' : `${failures} runs in a row`;
  return new DarumaError(
    'DARUMA_SCHEDULE_FAILED',
    `${runs} of ${path} failed, and failAfter allows no more: ${messageOf(cause)}`,
    {
      path,
      cause,
      hint: "See the cause for what the last one failed of. Without 'failAfter' a failing run is reported, and the next one happens all the same.",
    },
  );
}

/** A context that was kept longer than its attempt lasted. */
export function staleRunError(path: string, run: number, what: string): DarumaError {
  return new DarumaError(
    'DARUMA_STALE_INCARNATION',
    `${path}: this attempt of run ${run} is over; it may not call ctx.${what} any more.`,
    {
      path,
      hint: 'Usual cause: a promise or timer that outlived its run. Await it, or pass ctx.signal to it.',
    },
  );
}

/** A handle that was kept longer than its schedule lived. */
export function staleHandleError(path: string, incarnation: number, what: string): DarumaError {
  return new DarumaError(
    'DARUMA_STALE_INCARNATION',
    `Incarnation ${incarnation} of ${path} is over: its handle may not be used for ${what} any more.`,
    { path, hint: 'Ask for the present one: ctx.needs, or system.value(definition).' },
  );
}

/** What a function that says when to run has answered. */
export function invalidTimingError(path: string, message: string, hint?: string): DarumaError {
  return new DarumaError('DARUMA_INVALID_SCHEDULE', `${path}: ${message}`, {
    path,
    ...(hint !== undefined && { hint }),
  });
}
