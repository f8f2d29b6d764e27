import { backoffDelay } from '../../actors/rules/backoff.ts';
import type { AttemptOutcome, FinalFault } from '../../actors/rules/job-hands.ts';
import type { JobState } from '../define/jobs.ts';
import type { QueueSpec } from '../define/queue.ts';
import { isNotRetryable } from '../errors.ts';
import { type ErrorInfo, errorInfo } from '../events.ts';
import type { JobHappening } from '../happenings/jobs.ts';
import type { Claimed, LostAttempt, Settlement } from '../services/engine/job-rows.ts';
import { retryAfterMsOf } from '../services/resilience/retry.ts';
import { jsonFault } from '../services/storage/json.ts';
import { keepMsOf } from './keep.ts';

/** What of an error is kept, in characters. */
const longestMessage = 4_000;
const longestStack = 8_000;

/** The step that stores what became of an attempt. */
export function settleStep(
  { name: queue, spec }: { readonly name: string; readonly spec: QueueSpec },
  { id, fence, key }: Claimed,
  now: number,
  outcome: AttemptOutcome,
  result: string | null,
) {
  const settlement = settlementOf(outcome, result);
  // One that is to be cancelled is not tried again.
  const isEnd = outcome.type === 'completed' || outcome.type === 'dead';
  const keepMs = keepMsOf(spec, isEnd ? outcome.type : 'cancelled');
  return ['jobs.settle', { now, queue, id, fence, key, settlement, keepMs }] as const;
}

/** What is told of an outcome that was stored. @param state where the job is now */
export function endOf(outcome: AttemptOutcome, state: JobState) {
  const failure = 'error' in outcome && outcome.error !== undefined;
  const told = failure ? { error: errorInfo(outcome.error) } : {};
  if (state === 'completed' || state === 'cancelled') return { status: state, ...told };
  switch (outcome.type) {
    case 'dead':
      return { status: 'dead', reason: outcome.reason, ...told } as const;
    case 'retry':
      return { status: 'retrying', delayMs: outcome.delayMs, ...told } as const;
    default:
      return { status: 'released', ...told } as const;
  }
}

/** What is told of an attempt that was found lost, whoever had it. */
export function lossOf(queue: string, { id, attempt, state }: LostAttempt): JobHappening {
  const job = { type: 'job', queue, id, attempt } as const;
  if (state === 'cancelled') return { ...job, status: 'cancelled' };
  return { ...job, status: state === 'dead' ? 'dead' : 'retrying', reason: 'lost' };
}

function settlementOf(outcome: AttemptOutcome, result: string | null): Settlement {
  switch (outcome.type) {
    case 'completed':
      return { type: 'completed', result };
    case 'retry':
      return { type: 'retry', error: errorText(outcome.error), delayMs: outcome.delayMs };
    case 'dead':
      return { type: 'dead', error: errorText(outcome.error), reason: outcome.reason };
    case 'cancelled': {
      const { error } = outcome;
      return { type: 'cancelled', error: error === undefined ? null : errorText(error) };
    }
    case 'released':
      return { type: 'released' };
  }
}

/** What of an error is kept, as JSON. */
export function errorText(error: unknown): string {
  const { message, stack, ...info } = errorInfo(error);
  const kept: ErrorInfo = {
    ...info,
    message: message.slice(0, longestMessage),
    ...(stack !== undefined && { stack: stack.slice(0, longestStack) }),
  };
  return JSON.stringify(kept);
}

/** A result as it is kept; or why it is not. */
export type ResultText =
  | { readonly text: string | null }
  | { readonly text: null; readonly problem: string };

/** What a handler returned, as JSON: its work is done, whatever that is. */
export function resultText(result: unknown, maxBytes: number): ResultText {
  if (result === undefined) return { text: null };
  const fault = jsonFault(result);
  if (fault) {
    const where = fault.at.replace(/^value/, 'result');
    return { text: null, problem: `${where} ${fault.problem}, which JSON cannot say` };
  }
  const text = JSON.stringify(result);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return { text };
  return { text: null, problem: `it takes ${bytes} bytes as JSON, and ${maxBytes} are allowed` };
}

/** The delay before another attempt, in whole milliseconds. */
export function retryDelayOf(
  { backoff }: QueueSpec,
  attempt: number,
  error: unknown,
  random: number,
): number {
  const delayMs = backoffDelay(backoff, attempt - 1, random);
  // Who asks for more would be bothered too early, but a job must not sleep for years.
  return Math.ceil(Math.max(delayMs, Math.min(retryAfterMsOf(error), backoff.maxMs)));
}

/** Why another attempt is of no use; undefined: it may be. */
export function faultOf(error: unknown): FinalFault | undefined {
  return isNotRetryable(error) ? 'not-retryable' : undefined;
}
