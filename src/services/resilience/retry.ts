import { backoffDelay } from '../../../actors/rules/backoff.ts';
import { isNotRetryable } from '../../errors.ts';
import { isAbort } from '../../kernel/failures.ts';
import type { Random } from '../../kernel/random.ts';
import type { RetrySpec } from './spec.ts';

/**
 * The delay after an attempt that failed, in milliseconds; undefined: another one is not worth it.
 *
 * @param attempt which one it was, from 1
 * @throws what `retryable` throws
 */
export function delayAfter(
  retry: RetrySpec,
  attempt: number,
  error: unknown,
  random: Random,
): number | undefined {
  if (attempt >= retry.maxAttempts || isFinal(error) || !retry.retryable(error)) return undefined;
  const policy = { ...retry.backoff, resetAfterMs: 0 };
  const delayMs = backoffDelay(policy, attempt - 1, random());
  const askedMs = retryAfterMsOf(error);
  // Who asks for more than the policy waits would only be bothered too early.
  return askedMs > policy.maxMs ? undefined : Math.max(delayMs, askedMs);
}

/** An abort is no failure, an open breaker is not to be asked again and again, and some say so. */
function isFinal(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === 'DARUMA_CIRCUIT_OPEN' || isNotRetryable(error) || isAbort(error);
}

/** What the other side, or a policy, says of when it is worth it. */
export function retryAfterMsOf(error: unknown): number {
  const { retryAfterMs } = (error ?? {}) as { retryAfterMs?: unknown };
  return typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : 0;
}
