const buckets = 60;
const bucketMs = 1_000;

/** How often something happened in the last minute, to the second, in constant space. */
export class Rate {
  readonly #counts = new Uint32Array(buckets);
  #latest = 0;

  /** @param at milliseconds since the epoch */
  add(at: number, count = 1): void {
    this.#forget(at);
    const index = this.#latest % buckets;
    this.#counts[index] = (this.#counts[index] ?? 0) + count;
  }

  perMinute(at: number): number {
    this.#forget(at);
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** Empties the seconds between the latest and now. A clock that was set back stays where it was. */
  #forget(at: number): void {
    const now = Math.floor(at / bucketMs);
    for (let second = Math.max(this.#latest + 1, now - buckets + 1); second <= now; second++) {
      this.#counts[second % buckets] = 0;
    }
    this.#latest = Math.max(this.#latest, now);
  }
}
