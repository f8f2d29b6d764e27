import type { Clock } from '../../kernel/clock.ts';
import type { Kernel } from '../../kernel/kernel.ts';

/** How often the clock on the wall is compared with the one that never jumps. */
export const recheckMs = 60_000;
/** What it may gain or lose before that counts: a clock is adjusted by milliseconds all the time. */
export const toleranceMs = 1_000;

const watches = new WeakMap<Kernel, WallWatch>();

/**
 * Calls back when the clock on the wall has been set, or the machine has slept: at most `recheckMs`
 * later. Returns the end of that. One timer serves all schedules of a system, and there is none
 * without a schedule that needs it.
 */
export function onWallJump(kernel: Kernel, listener: () => void): () => void {
  let watch = watches.get(kernel);
  if (!watch) {
    watch = new WallWatch(kernel.clock);
    watches.set(kernel, watch);
  }
  return watch.add(listener);
}

class WallWatch {
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  #timer: unknown;
  #offset = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(listener: () => void): () => void {
    // A function of its own: the same one may be given twice.
    const own = () => listener();
    if (this.#listeners.size === 0) {
      this.#offset = this.#offsetNow();
      this.#arm();
    }
    this.#listeners.add(own);
    return () => {
      if (!this.#listeners.delete(own) || this.#listeners.size > 0) return;
      this.#clock.clearTimeout(this.#timer);
    };
  }

  #arm(): void {
    this.#timer = this.#clock.setTimeout(() => this.#look(), recheckMs);
  }

  #look(): void {
    this.#arm();
    const offset = this.#offsetNow();
    if (Math.abs(offset - this.#offset) <= toleranceMs) return;
    this.#offset = offset;
    for (const listener of this.#listeners) listener();
  }

  #offsetNow(): number {
    return this.#clock.now() - this.#clock.monotonic();
  }
}
