import type { Clock } from '../kernel/clock.ts';

/** How long it is quiet after it has told. */
const quietMs = 10_000;

/**
 * Counts something that happens often, and tells of it seldom: of the first at once, of those that
 * follow together, at most once in ten seconds.
 */
export class Tally {
  readonly #clock: Clock;
  readonly #tell: (count: number) => void;
  #count = 0;
  #timer: unknown;

  constructor(clock: Clock, tell: (count: number) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add(): void {
    this.#count++;
    if (this.#timer === undefined) this.#report();
  }

  /** Tells what is left, and counts no more. */
  end(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#count > 0) this.#tell(this.#count);
    this.#count = 0;
  }

  #report(): void {
    this.#tell(this.#count);
    this.#count = 0;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      if (this.#count > 0) this.#report();
    }, quietMs);
  }
}
