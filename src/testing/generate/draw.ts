import type * as fc from 'fast-check';

/** Drawing from a fast-check source of randomness. */
export class Draw {
  readonly #random: fc.Random;

  constructor(random: fc.Random) {
    this.#random = random;
  }

  /** A whole number, both ends included. */
  integer(min: number, max: number): number {
    return max <= min ? min : this.#random.nextInt(min, max);
  }

  chance(percent: number): boolean {
    return this.integer(1, 100) <= percent;
  }

  one<Value>(values: readonly Value[]): Value {
    return values[this.integer(0, values.length - 1)] as Value;
  }

  /** Some of them, each once, in their own order. */
  some<Value>(values: readonly Value[], count: number): Value[] {
    if (count >= values.length) return [...values];
    const rest = values.map((_, index) => index);
    const chosen = new Set<number>();
    for (let left = count; left > 0; left--) {
      chosen.add(...(rest.splice(this.integer(0, rest.length - 1), 1) as [number]));
    }
    return values.filter((_, index) => chosen.has(index));
  }

  /** One of them, in proportion to its weight. */
  weighted<Value>(values: readonly Value[], weightOf: (value: Value) => number): Value {
    const total = values.reduce((sum, value) => sum + weightOf(value), 0);
    let left = (this.integer(0, 999_999) / 1_000_000) * total;
    for (const value of values) {
      left -= weightOf(value);
      if (left < 0) return value;
    }
    return values.at(-1) as Value;
  }

  /** Each order of magnitude as likely as another. */
  logUniform(min: number, max: number): number {
    if (max <= min) return min;
    const low = Math.log(min + 1);
    const high = Math.log(max + 1);
    const at = low + (this.integer(0, 1_000_000) / 1_000_000) * (high - low);
    return Math.min(max, Math.max(min, Math.round(Math.exp(at) - 1)));
  }
}
