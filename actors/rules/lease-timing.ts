import { type BackoffPolicy, backoffDelay } from './backoff.ts';

/** How long a lease lasts, and how much of it is kept for ending what runs under it. */
export interface LeaseTerms {
  /** From the moment at which it was asked for. */
  readonly ttlMs: number;
  /** So long before it runs out, what runs under it is stopped. */
  readonly marginMs: number;
}

/** Of a lease: after how much of it it is renewed. */
const renewedAfter = 1 / 3;
/** Of a lease: what one waits longer than it lasts, at random, so that not all ask at once. */
const pollJitter = 1 / 10;
/** Of a lease: the shortest wait, whatever the clocks of others say. */
const shortestWait = 1 / 15;
/** Those who heard that it may be free ask within this time, at random. */
const hintedWithinMs = 50;

export function renewDelay({ ttlMs }: LeaseTerms): number {
  return ttlMs * renewedAfter;
}

/** When it has to be given up if it is not renewed: never later than others may have it. */
export function expiryOf({ ttlMs, marginMs }: LeaseTerms, askedAt: number): number {
  return askedAt + ttlMs - marginMs;
}

/** How long to wait for somebody else's lease that has `forMs` left. */
export function pollDelay({ ttlMs }: LeaseTerms, forMs: number, random: number): number {
  return Math.ceil(Math.max(forMs, ttlMs * shortestWait) + ttlMs * pollJitter * random) + 1;
}

export function hintedDelay(random: number): number {
  return Math.ceil(hintedWithinMs * random);
}

/** While a lease runs, somebody who does not answer is asked again and again. */
export function retryDelay(terms: LeaseTerms, random: number): number {
  return unreachableDelay(terms, 0, random);
}

/** How long to wait for somebody who did not answer, the `count`th time in a row, from 0. */
export function unreachableDelay({ ttlMs }: LeaseTerms, count: number, random: number): number {
  const policy: BackoffPolicy = {
    firstMs: ttlMs * shortestWait,
    maxMs: ttlMs * renewedAfter,
    factor: 2,
    jitter: 'equal',
    resetAfterMs: 0,
  };
  return backoffDelay(policy, count, random);
}
