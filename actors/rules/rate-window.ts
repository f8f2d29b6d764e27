/**
 * A rate limit that holds in every window, wherever one looks: at most `limit` in any span of
 * `perMs`, its begin inside and its end outside. Remembers when the last `limit` were, in a ring: the
 * next may go when the oldest of them has left the window.
 */
export class RateWindow {
  readonly limit: number;
  readonly perMs: number;
  readonly #takenAt: number[] = [];
  /** Where the oldest is, once the ring is full. */
  #oldest = 0;

  constructor(limit: number, perMs: number) {
    this.limit = limit;
    this.perMs = perMs;
  }

  /** When the next may go, behind `ahead` others that wait already; never before `now`. */
  freeAt(now: number, ahead = 0): number {
    const places = this.limit - this.#takenAt.length;
    if (ahead < places) return now;
    const behind = ahead - places;
    // Behind those who take the free places now, where there are any.
    const before = this.#takenAt[(this.#oldest + behind) % this.limit] ?? now;
    const rounds = Math.floor(behind / this.limit);
    return Math.max(now, before + this.perMs) + rounds * this.perMs;
  }

  take(now: number): void {
    if (this.#takenAt.length < this.limit) {
      this.#takenAt.push(now);
      return;
    }
    this.#takenAt[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % this.limit;
  }

  /** How many were taken in the window that ends now. */
  used(now: number): number {
    return this.#takenAt.filter((at) => at > now - this.perMs).length;
  }
}
