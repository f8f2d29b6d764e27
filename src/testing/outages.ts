import { type Random, seededRandom } from '../kernel/random.ts';

/** A stretch of time in which the cause of a failure lasts, in milliseconds. */
export interface Outage {
  readonly from: number;
  readonly until: number;
}

/**
 * When something is broken: outages that come and go by themselves, whatever a supervisor does about
 * them. The times between them and their lengths are exponential, so that nothing ages. The same seed
 * gives the same outages: two policies can be compared under the same weather.
 */
export class Outages {
  readonly #random: Random;
  readonly #mtbfMs: number;
  readonly #mttrMs: number;
  #current: Outage;
  #pastMs = 0;
  #count = 0;

  constructor(seed: number, mtbfMs: number, mttrMs: number) {
    this.#random = seededRandom(seed);
    this.#mtbfMs = mtbfMs;
    this.#mttrMs = mttrMs;
    this.#current = this.#next(0);
  }

  /** The outage that lasts at a moment, or else the next. Moments may not go back. */
  at(moment: number): Outage {
    while (this.#current.until <= moment) {
      this.#pastMs += this.#current.until - this.#current.from;
      this.#count++;
      this.#current = this.#next(this.#current.until);
    }
    return this.#current;
  }

  /** What all outages until a moment come to, and how many there were. */
  until(moment: number): { readonly ms: number; readonly count: number } {
    const { from } = this.at(moment);
    const isOut = from < moment;
    return {
      ms: this.#pastMs + (isOut ? moment - from : 0),
      count: this.#count + (isOut ? 1 : 0),
    };
  }

  #next(after: number): Outage {
    const from = after + this.#exponential(this.#mtbfMs);
    return { from, until: from + this.#exponential(this.#mttrMs) };
  }

  #exponential(mean: number): number {
    return -Math.log(1 - this.#random()) * mean;
  }
}

/** A seed for each path, all from one. */
export function seedFor(path: string, seed: number): number {
  let hash = seed ^ 0x811c9dc5;
  for (let index = 0; index < path.length; index++) {
    hash = Math.imul(hash ^ path.charCodeAt(index), 0x01000193);
  }
  return hash;
}
