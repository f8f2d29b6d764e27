/** The latest numbers of a series, and what can be said about them. */
export class Ring {
  readonly #values: Float64Array;
  #count = 0;

  /** @param capacity how many are kept; at least 1 */
  constructor(capacity: number) {
    this.#values = new Float64Array(capacity);
  }

  push(value: number): void {
    this.#values[this.#count++ % this.#values.length] = value;
  }

  get size(): number {
    return Math.min(this.#count, this.#values.length);
  }

  get last(): number | undefined {
    return this.#count === 0 ? undefined : this.#values[(this.#count - 1) % this.#values.length];
  }

  get max(): number | undefined {
    return this.quantile(1);
  }

  /**
   * The smallest value that at least this share of the values does not exceed; always one that was
   * pushed. `quantile(0.5)` is the median.
   */
  quantile(share: number): number | undefined {
    const sorted = this.#values.slice(0, this.size).sort();
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  }
}
