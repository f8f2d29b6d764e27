/** In seconds: 5 ms to 5 min. */
export const defaultBounds: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
];

/** What a histogram has seen. Values that were never there are null, so that JSON can say so. */
export interface Spread {
  readonly count: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
}

export class Buckets {
  readonly bounds: readonly number[];
  /** One more than there are bounds: the last is for everything above. */
  readonly counts: number[];
  count = 0;
  sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  record(value: number): void {
    const index = this.bounds.findIndex((bound) => value <= bound);
    const at = index === -1 ? this.bounds.length : index;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.count++;
    this.sum += value;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  get spread(): Spread {
    const { count, sum } = this;
    const known = (value: number) => (count === 0 ? null : value);
    return {
      count,
      sum,
      min: known(this.#min),
      max: known(this.#max),
      mean: known(sum / count),
      p50: known(this.#quantile(0.5)),
      p90: known(this.#quantile(0.9)),
      p99: known(this.#quantile(0.99)),
    };
  }

  /** Interpolated inside its bucket, and never outside of what was seen. */
  #quantile(share: number): number {
    const rank = share * this.count;
    let below = 0;
    for (const [index, count] of this.counts.entries()) {
      if (count > 0 && below + count >= rank) {
        const from = Math.max(this.bounds[index - 1] ?? this.#min, this.#min);
        const to = Math.min(this.bounds[index] ?? this.#max, this.#max);
        return from + ((to - from) * (rank - below)) / count;
      }
      below += count;
    }
    return this.#max;
  }
}
