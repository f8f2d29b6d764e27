/**
 * All time of a system goes through one of these. Milliseconds throughout.
 * The monotonic half never jumps and measures limits and delays; the wall half is for people.
 */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fn` once, after at least `ms`. 0: after everything that is due now. */
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** Node clamps longer delays to 1 ms. */
const longestTimeoutMs = 2 ** 31 - 1;

interface RealTimer {
  immediate?: NodeJS.Immediate;
  timeout?: NodeJS.Timeout;
}

function arm(timer: RealTimer, fn: () => void, ms: number): void {
  if (ms <= 0) {
    timer.immediate = setImmediate(fn);
  } else if (ms <= longestTimeoutMs) {
    timer.timeout = setTimeout(fn, ms);
  } else {
    timer.timeout = setTimeout(() => arm(timer, fn, ms - longestTimeoutMs), longestTimeoutMs);
  }
}

/** The time of this process. */
export const realClock: Clock = {
  monotonic: () => performance.now(),
  now: () => Date.now(),
  setTimeout(fn, ms) {
    const timer: RealTimer = {};
    arm(timer, fn, ms);
    return timer;
  },
  clearTimeout(handle) {
    const { immediate, timeout } = handle as RealTimer;
    if (immediate) clearImmediate(immediate);
    if (timeout) clearTimeout(timeout);
  },
};

/** Keeps this process from ending although nothing in it waits; returns the end of that. */
export function keepProcessAlive(): () => void {
  const timer = setInterval(() => {}, longestTimeoutMs);
  return () => clearInterval(timer);
}
