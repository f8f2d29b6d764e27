/** When a closed breaker has had enough. Times in milliseconds. */
export type TripRule =
  /** So many failures in a row. */
  | { readonly kind: 'consecutive'; readonly failures: number }
  /** So many failures within any `windowMs`, successes in between or not. */
  | { readonly kind: 'failures'; readonly failures: number; readonly windowMs: number }
  /** This share of the last calls, once there were enough of them. */
  | {
      readonly kind: 'rate';
      readonly failureRate: number;
      readonly minimumCalls: number;
      readonly window: RateWindow;
    };

export type RateWindow = { readonly calls: number } | { readonly ms: number };

export interface TallyCounts {
  /** Calls that are counted at present. */
  readonly calls: number;
  readonly failures: number;
}

/** Counts how calls go while a breaker is closed. `at` is on the monotonic clock. */
export interface Tally {
  /** Whether it matters when calls were; without that, nobody need look at the clock. */
  readonly isTimed: boolean;
  succeeded(at: number): void;
  /** Whether that is too much. */
  failed(at: number): boolean;
  counts(at: number): TallyCounts;
  reset(): void;
}

export function tallyOf(rule: TripRule): Tally {
  if (rule.kind === 'consecutive') return new ConsecutiveTally(rule.failures);
  if (rule.kind === 'failures') return new FailureTally(rule.failures, rule.windowMs);
  const { window } = rule;
  const counter = 'calls' in window ? new LastCalls(window.calls) : new LastSlices(window.ms);
  return new RateTally(rule.failureRate, rule.minimumCalls, counter);
}

class ConsecutiveTally implements Tally {
  readonly isTimed = false;
  readonly #most: number;
  #failures = 0;

  constructor(most: number) {
    this.#most = most;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): boolean {
    return ++this.#failures >= this.#most;
  }

  counts(): TallyCounts {
    return { calls: this.#failures, failures: this.#failures };
  }

  reset(): void {
    this.#failures = 0;
  }
}

/** Remembers when the latest failures were: as many as trip it, both edges of the window inside. */
class FailureTally implements Tally {
  readonly isTimed = true;
  readonly #most: number;
  readonly #windowMs: number;
  #failedAt: number[] = [];

  constructor(most: number, windowMs: number) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  succeeded(): void {}

  failed(at: number): boolean {
    this.#failedAt.push(at);
    if (this.#failedAt.length > this.#most) this.#failedAt.shift();
    return this.#within(at) >= this.#most;
  }

  counts(at: number): TallyCounts {
    const failures = this.#within(at);
    return { calls: failures, failures };
  }

  reset(): void {
    this.#failedAt = [];
  }

  #within(at: number): number {
    return this.#failedAt.filter((each) => each >= at - this.#windowMs).length;
  }
}

interface Counter {
  readonly isTimed: boolean;
  add(at: number, hasFailed: boolean): void;
  counts(at: number): TallyCounts;
  reset(): void;
}

class RateTally implements Tally {
  readonly isTimed: boolean;
  readonly #rate: number;
  readonly #minimumCalls: number;
  readonly #counter: Counter;

  constructor(rate: number, minimumCalls: number, counter: Counter) {
    this.isTimed = counter.isTimed;
    this.#rate = rate;
    this.#minimumCalls = minimumCalls;
    this.#counter = counter;
  }

  succeeded(at: number): void {
    this.#counter.add(at, false);
  }

  failed(at: number): boolean {
    this.#counter.add(at, true);
    const { calls, failures } = this.#counter.counts(at);
    return calls >= this.#minimumCalls && failures >= this.#rate * calls;
  }

  counts(at: number): TallyCounts {
    return this.#counter.counts(at);
  }

  reset(): void {
    this.#counter.reset();
  }
}

/** The last so many calls, in a ring. */
class LastCalls implements Counter {
  readonly isTimed = false;
  readonly #ring: Uint8Array;
  #next = 0;
  #calls = 0;
  #failures = 0;

  constructor(calls: number) {
    this.#ring = new Uint8Array(calls);
  }

  add(_at: number, hasFailed: boolean): void {
    if (this.#calls === this.#ring.length) this.#failures -= this.#ring[this.#next] as number;
    else this.#calls++;
    this.#ring[this.#next] = hasFailed ? 1 : 0;
    this.#failures += hasFailed ? 1 : 0;
    this.#next = (this.#next + 1) % this.#ring.length;
  }

  counts(): TallyCounts {
    return { calls: this.#calls, failures: this.#failures };
  }

  reset(): void {
    this.#next = 0;
    this.#calls = 0;
    this.#failures = 0;
  }
}

const slices = 10;

/**
 * The calls of a length of time, in ten slices: the window moves on by a tenth of itself, so that a
 * busy breaker need not remember every call.
 */
class LastSlices implements Counter {
  readonly isTimed = true;
  readonly #sliceMs: number;
  readonly #calls = new Float64Array(slices);
  readonly #failures = new Float64Array(slices);
  #latest = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / slices;
  }

  add(at: number, hasFailed: boolean): void {
    this.#moveTo(at);
    const slot = this.#slot(this.#latest);
    this.#calls[slot] = (this.#calls[slot] ?? 0) + 1;
    if (hasFailed) this.#failures[slot] = (this.#failures[slot] ?? 0) + 1;
  }

  counts(at: number): TallyCounts {
    this.#moveTo(at);
    return { calls: sum(this.#calls), failures: sum(this.#failures) };
  }

  reset(): void {
    this.#calls.fill(0);
    this.#failures.fill(0);
  }

  #moveTo(at: number): void {
    const now = Math.floor(at / this.#sliceMs);
    if (now <= this.#latest) return;
    const first = Math.max(this.#latest + 1, now - slices + 1);
    for (let slice = first; slice <= now; slice++) {
      this.#calls[this.#slot(slice)] = 0;
      this.#failures[this.#slot(slice)] = 0;
    }
    this.#latest = now;
  }

  #slot(slice: number): number {
    return ((slice % slices) + slices) % slices;
  }
}

function sum(counts: Float64Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
