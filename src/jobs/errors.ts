import { formatDuration } from '../../actors/rules/duration.ts';
import type { Cause } from '../../actors/rules/job-hands.ts';
import type { AnyQueue } from '../define/queue.ts';
import { show } from '../define/show.ts';
import { CancelledError, DarumaError } from '../errors.ts';

/** The errors of durable jobs, each with its numbers, usual cause and remedy. */

/** Which attempt of which job. */
export interface JobFacts {
  readonly path: string;
  readonly queue: string;
  readonly id: string;
  readonly attempt: number;
}

export function notAQueueError(path: string, given: unknown): DarumaError {
  return new DarumaError(
    'DARUMA_INVALID_QUEUE',
    `${path}: a queue was expected, and ${show(given)} was given.`,
    { path, hint: "Make it with queue('emails', { ... }), in a file that both sides import." },
  );
}

/** How one queue became two. */
export function twoQueuesText(one: AnyQueue, other: AnyQueue, difference: string): string {
  return `there are two queues ${one.name}, and they differ: ${difference}. One is defined at ${one.definedAt}, the other at ${other.definedAt}.`;
}

export const twoQueuesHint =
  'Define it once, in a file that everybody imports; or give one of them another name.';

export function twoQueuesError(
  path: string,
  one: AnyQueue,
  other: AnyQueue,
  difference: string,
): DarumaError {
  const message = `${path}: ${twoQueuesText(one, other, difference)}`;
  return new DarumaError('DARUMA_INVALID_QUEUE', message, { path, hint: twoQueuesHint });
}

export function jobOptionError(path: string, queue: string, problem: string, hint?: string) {
  return new DarumaError('DARUMA_INVALID_OPTION', `${path}: a job of ${queue}: ${problem}`, {
    path,
    ...(hint !== undefined && { hint }),
  });
}

export function jobPayloadError(
  path: string,
  queue: string,
  issues: readonly string[],
  hint: string,
): DarumaError {
  return new DarumaError(
    'DARUMA_INVALID_PAYLOAD',
    `${path}: the payload of a job of ${queue}: ${issues.join('; ')}.`,
    { path, hint },
  );
}

export function jobTooLargeError(
  path: string,
  queue: string,
  bytes: number,
  maxBytes: number,
): DarumaError {
  return new DarumaError(
    'DARUMA_VALUE_TOO_LARGE',
    `${path}: the payload of a job of ${queue} takes ${bytes} bytes as JSON; ${maxBytes} are allowed (storage.maxValueBytes).`,
    { path, hint: 'Store the data, and put where it is into the payload.' },
  );
}

export function jobTimeoutError({ path, queue, id, attempt }: JobFacts, timeoutMs: number) {
  return new DarumaError(
    'DARUMA_JOB_TIMEOUT',
    `Attempt ${attempt} of job ${id} of ${queue} took longer than ${formatDuration(timeoutMs)}, the timeout of its queue.`,
    { path, hint: "Raise 'timeout' if it is just slow, or pass job.signal to what it waits for." },
  );
}

const askedBecause: Readonly<Record<Cause, string>> = {
  stopping: 'whose worker stops,',
  timeout: 'which took too long,',
  cancelled: 'which was called off,',
  lost: 'whose lease is lost,',
};

/** The reason of the signal of an attempt. */
export function jobCancelledError({ path, queue, id, attempt }: JobFacts, cause: Cause) {
  const what = `Attempt ${attempt} of job ${id} of ${queue}, ${askedBecause[cause]}`;
  return new CancelledError(path, what);
}

/** The reason of the signal of an attempt that is over. */
export function jobOverError({ path, queue, id, attempt }: JobFacts): CancelledError {
  return new CancelledError(path, `Attempt ${attempt} of job ${id} of ${queue}, which is over,`);
}

export function staleJobError({ path, queue, id, attempt }: JobFacts, what: string): DarumaError {
  return new DarumaError(
    'DARUMA_STALE_INCARNATION',
    `Attempt ${attempt} of job ${id} of ${queue} is over; it may not use job.${what} any more.`,
    {
      path,
      hint: 'Usual cause: a promise or timer that outlived its job. Await it, pass job.signal to it, or undo it in job.defer().',
    },
  );
}

export function alreadyCompletedError({ path, queue, id }: JobFacts): DarumaError {
  return new DarumaError(
    'DARUMA_STALE_CLAIM',
    `Job ${id} of ${queue} was completed by its transaction; there is no second one.`,
    { path, hint: 'Do all that belongs together in one job.transaction(), at the end.' },
  );
}

/** @param how what keeps it from having one */
export function noJobError(how: string): DarumaError {
  return new DarumaError('DARUMA_NO_JOB', `currentJob() was called ${how}.`, {
    hint: 'It is for code that a handler of worker() calls and waits for. Elsewhere hand the job on as an argument.',
  });
}

export function scopeCycleError({ path, queue }: JobFacts, names: readonly string[]): DarumaError {
  return new DarumaError(
    'DARUMA_NEEDS_CYCLE',
    `${path}: perJob of the worker of ${queue} needs itself: ${names.join(' -> ')}.`,
    { path, hint: 'Let one of them do without the other, or be made by the other.' },
  );
}

export function unclosedError({ path, queue, id }: JobFacts, limitMs: number): DarumaError {
  return new DarumaError(
    'DARUMA_JOB_TIMEOUT',
    `What belonged to job ${id} of ${queue} was not disposed of within ${formatDuration(limitMs)} (cancelWithin); nobody waits for it any more.`,
    { path, hint: 'Usual cause: a dispose that waits for something that never comes.' },
  );
}

export function unknownJobError(path: string, queue: string, id: string): DarumaError {
  return new DarumaError('DARUMA_NOT_FOUND', `${path}: there is no job ${id} in ${queue}.`, {
    path,
    hint: "It never was, or it is over and known no longer: 'keep' of its queue says for how long.",
  });
}

export function jobWaitError(path: string, queue: string, id: string, withinMs: number) {
  return new DarumaError(
    'DARUMA_ASK_TIMEOUT',
    `${path}: job ${id} of ${queue} was not over within ${formatDuration(withinMs)}; it goes on.`,
    { path, hint: "Wait longer ('within'), or look at it later with jobs.get()." },
  );
}
