/** Allows so many in every window of a length, both ends included. All times in milliseconds. */
export class SlidingWindow {
  readonly #limit: number;
  readonly #lengthMs: number;
  #times: number[] = [];

  constructor(limit: number, lengthMs: number) {
    this.#limit = limit;
    this.#lengthMs = lengthMs;
  }

  /** Takes a place, if there is one. */
  take(now: number): boolean {
    this.#times = this.#times.filter((time) => now - time <= this.#lengthMs);
    if (this.#times.length >= this.#limit) return false;
    this.#times.push(now);
    return true;
  }

  /** When there will be a place again; now, where there is one. */
  freeAt(now: number): number {
    const taken = this.#times.filter((time) => now - time <= this.#lengthMs);
    const [oldest] = taken;
    // One more than the length: at the very end the oldest still counts.
    return oldest === undefined || taken.length < this.#limit ? now : oldest + this.#lengthMs + 1;
  }
}
