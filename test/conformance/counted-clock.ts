import type { Clock } from '../../src/index.ts';

/** The same time for one party, whose armed timers are counted. */
export class CountedClock implements Clock {
  readonly #clock: Clock;
  readonly #armed = new Set<unknown>();
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get armed(): number {
    return this.#armed.size;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  now(): number {
    return this.#clock.now();
  }

  setTimeout(fn: () => void, ms: number): unknown {
    if (this.#isClosed) return undefined;
    const handle = this.#clock.setTimeout(() => {
      this.#armed.delete(handle);
      fn();
    }, ms);
    this.#armed.add(handle);
    return handle;
  }

  clearTimeout(handle: unknown): void {
    if (this.#armed.delete(handle)) this.#clock.clearTimeout(handle);
  }

  /** Nothing fires any more: a scenario that never comes to rest must not run on for ever. */
  close(): void {
    this.#isClosed = true;
    for (const handle of this.#armed) this.#clock.clearTimeout(handle);
    this.#armed.clear();
  }
}
