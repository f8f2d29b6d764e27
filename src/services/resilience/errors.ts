import { formatDuration } from '../../../actors/rules/duration.ts';
import { DarumaError, type DarumaErrorOptions, type ErrorCode } from '../../errors.ts';

/** What a policy itself throws, in place of what the call would have thrown. */
export class PolicyError extends DarumaError {
  override readonly name = 'PolicyError';
  /** The name of the policy. */
  readonly policy: string;
  /** The least number of milliseconds after which it is worth trying again, where that is known. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: DarumaErrorOptions & { readonly policy: string; readonly retryAfterMs?: number },
  ) {
    super(code, message, options);
    this.policy = options.policy;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Who asked for what. */
export interface Caller {
  readonly policy: string;
  readonly path: string;
}

/** What every error says of who it is about. */
function of({ policy, path }: Caller): Caller {
  return { policy, path };
}

export function attemptTimeoutError(caller: Caller, limitMs: number): PolicyError {
  return new PolicyError(
    'DARUMA_CALL_TIMEOUT',
    `An attempt of ${caller.policy} took longer than ${formatDuration(limitMs)}.`,
    {
      ...of(caller),
      hint: "Hand the call's signal on, so that what takes too long is given up. Raise 'timeout' if it is just slow.",
    },
  );
}

/** @param cause what the last attempt failed of, if one did */
export function totalTimeoutError(
  caller: Caller,
  limitMs: number,
  attempts: number,
  cause: unknown,
): PolicyError {
  return new PolicyError(
    'DARUMA_CALL_TIMEOUT',
    `A call of ${caller.policy} took longer than ${formatDuration(limitMs)} in all, with ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}.`,
    {
      ...of(caller),
      cause,
      hint: "The total counts waiting and delays too. Raise 'timeout.total', or make fewer attempts.",
    },
  );
}

/** @param probing how many probes are under way; undefined: it is open */
export function circuitOpenError(
  caller: Caller,
  retryAfterMs: number,
  probing: number | undefined,
  cause: unknown,
): PolicyError {
  const state =
    probing === undefined
      ? `is open for another ${formatDuration(retryAfterMs)}`
      : `is half open, with ${probing === 1 ? 'a probe' : `${probing} probes`} under way`;
  return new PolicyError(
    'DARUMA_CIRCUIT_OPEN',
    `The breaker of ${caller.policy} ${state}: the call was refused.`,
    {
      ...of(caller),
      retryAfterMs,
      cause,
      hint: 'Too many calls have failed; the cause is the last one. Answer with a fallback, or try again after retryAfterMs.',
    },
  );
}

export function bulkheadFullError(caller: Caller, concurrency: number, queue: number): PolicyError {
  return new PolicyError(
    'DARUMA_BULKHEAD_FULL',
    `The bulkhead of ${caller.policy} is full: ${concurrency} calls are running, and ${queue} of ${queue} wait.`,
    {
      ...of(caller),
      hint: "More calls come than it answers. Raise 'bulkhead.queue' for bursts, 'bulkhead.concurrency' if the other side can bear it.",
    },
  );
}

export function rateLimitedError(
  caller: Caller,
  limits: { readonly limit: number; readonly perMs: number; readonly maxWaitMs: number },
  retryAfterMs: number,
): PolicyError {
  const { limit, perMs, maxWaitMs } = limits;
  const allowed =
    maxWaitMs === 0
      ? 'calls do not wait here'
      : `a call waits ${formatDuration(maxWaitMs)} at most`;
  return new PolicyError(
    'DARUMA_RATE_LIMITED',
    `${caller.policy} allows ${limit} calls in ${formatDuration(perMs)}: this one would wait ${formatDuration(retryAfterMs)}, and ${allowed}.`,
    {
      ...of(caller),
      retryAfterMs,
      hint: "Try again after retryAfterMs, or raise 'rateLimit.maxWait'.",
    },
  );
}

/** Two policies of one name in one system. */
export function duplicatePolicyError(caller: Caller): PolicyError {
  return new PolicyError(
    'DARUMA_DUPLICATE_ID',
    `There are two policies called '${caller.policy}' in this system.`,
    {
      ...of(caller),
      hint: 'A policy is made once, outside of the body that uses it: one made by every incarnation would forget what the last one learned. Two different ones have two names.',
    },
  );
}
