import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import type { Log } from './log.ts';

/** More timers than this in one instant is a loop without an end. */
const timersPerInstant = 5_000;

/** A virtual clock that notes every timer of the library, and breaks endless loops. */
export class WatchedClock extends VirtualClock {
  log: Log | undefined;
  /** Timers of the bodies, which are none of the library's business. */
  bodyTimers = 0;
  isLooping = false;
  #timers = 0;
  #instant = -1;
  #inInstant = 0;

  override setTimeout(fn: () => void, ms: number): unknown {
    this.#count();
    const timer = ++this.#timers;
    this.log?.add({ kind: 'timer', what: 'armed', timer, ms });
    const fire = () => {
      this.log?.add({ kind: 'timer', what: 'fired', timer, ms });
      fn();
    };
    return super.setTimeout(fire, this.isLooping ? ms + 1_000 : ms);
  }

  /** For a body of the plan. Returns what takes it back. */
  later(ms: number, fn: () => void): () => void {
    this.bodyTimers++;
    let isArmed = true;
    const disarm = () => {
      if (isArmed) this.bodyTimers--;
      isArmed = false;
    };
    const timer = super.setTimeout(() => {
      disarm();
      fn();
    }, ms);
    return () => {
      if (isArmed) this.clearTimeout(timer);
      disarm();
    };
  }

  get libraryTimers(): number {
    return this.pendingTimers - this.bodyTimers;
  }

  #count(): void {
    const now = this.monotonic();
    this.#inInstant = now === this.#instant ? this.#inInstant + 1 : 0;
    this.#instant = now;
    if (this.#inInstant > timersPerInstant) this.isLooping = true;
  }
}
