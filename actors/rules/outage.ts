import { type BackoffPolicy, backoffDelay } from './backoff.ts';

/** How somebody who does not answer is asked again: soon at first, and never given up. */
const patience: BackoffPolicy = {
  firstMs: 500,
  maxMs: 15_000,
  factor: 2,
  jitter: 'equal',
  resetAfterMs: 0,
};

/**
 * @param count how often it was asked in vain before, in a row
 * @param random a number in [0, 1)
 */
export function outageDelay(count: number, random: number): number {
  return backoffDelay(patience, count, random);
}
