import { type AttemptEnd, type AttemptOutcome, type Cause, causes } from './job-hands.ts';

/** What is known of an attempt when it is over. */
export interface AttemptFacts {
  /** Why it was asked to end; undefined: it was not. */
  readonly cause: Cause | undefined;
  readonly end: AttemptEnd | undefined;
  /** Of an attempt that took too long. */
  readonly timeoutError: unknown;
  /** Which attempt it was, from 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
}

/**
 * What becomes of a job.
 *
 * 1. A result is a result, whatever was asked meanwhile; only one that comes after the timeout does
 *    not count.
 * 2. Whoever ended because its worker stops is given back unharmed; who was called off is cancelled.
 * 3. Everything else is a failure: tried again while attempts are left, unless it says that this is
 *    of no use.
 *
 * @param retryDelay asked only where there is another attempt
 */
export function outcomeOf(
  { cause, end, timeoutError, attempt, maxAttempts }: AttemptFacts,
  retryDelay: (error: unknown) => number,
): AttemptOutcome {
  const failed = (error: unknown): AttemptOutcome =>
    attempt < maxAttempts
      ? { type: 'retry', error, delayMs: retryDelay(error) }
      : { type: 'dead', error, reason: 'exhausted' };
  if (cause === 'timeout') return failed(timeoutError);
  const isObedient = end === undefined || end.isObedient;
  if (end?.type === 'returned' && !(cause && isObedient)) {
    return { type: 'completed', result: end.result };
  }
  const error = end?.type === 'threw' ? end.error : undefined;
  if (cause === 'cancelled') return { type: 'cancelled', error };
  if (cause && isObedient) return { type: 'released' };
  const fault = end?.type === 'threw' ? end.fault : undefined;
  return fault ? { type: 'dead', error, reason: fault } : failed(error);
}

/** Whether a new cause goes before the one that is known. */
export function isGraver(cause: Cause, known: Cause | undefined): boolean {
  return known === undefined || causes.indexOf(cause) > causes.indexOf(known);
}
