/** Restarts that one period allows where nobody says how many: 20 for each child. */
export function intensityFor(children: number): number {
  return 20 * Math.max(1, children);
}

/**
 * Restart intensity: at most `intensity` restarts in any `periodMs`, both edges inside.
 * The arithmetic is OTP's `add_restart`, in milliseconds instead of whole seconds.
 */
export class RestartWindow {
  #charges: number[] = [];
  #oldest = 0;
  readonly periodMs: number;

  constructor(periodMs: number) {
    this.periodMs = periodMs;
  }

  /** Restarts charged in [now - periodMs, now]. */
  used(now: number): number {
    while (this.#oldest < this.#charges.length && this.#isOutside(this.#charges[this.#oldest], now))
      this.#oldest++;
    // The forgotten front is cut in one go, so that a long-lived window costs O(1) a charge.
    if (this.#oldest > 1_024 && this.#oldest * 2 > this.#charges.length) {
      this.#charges = this.#charges.slice(this.#oldest);
      this.#oldest = 0;
    }
    return this.#charges.length - this.#oldest;
  }

  /** Whether one more restart at `now` stays within `intensity`. */
  allows(now: number, intensity: number): boolean {
    return this.used(now) < intensity;
  }

  charge(now: number): void {
    this.#charges.push(now);
  }

  #isOutside(charge: number | undefined, now: number): boolean {
    return charge !== undefined && charge < now - this.periodMs;
  }
}
