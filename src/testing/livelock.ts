import type { VirtualClock } from './virtual-clock.ts';

/** Timers that one run may fire in all, and at one instant: more is a livelock. */
const mostSteps = 1_000_000;
const mostStepsAtOnce = 20_000;

/** Notices a tree that never comes to rest. */
export class LivelockWatch {
  #isLivelock = false;
  #instant = 0;
  #stepsBefore = 0;

  constructor(clock: VirtualClock) {
    clock.onStep = () => this.#count(clock.steps, clock.monotonic());
  }

  get isLivelock(): boolean {
    return this.#isLivelock;
  }

  #count(steps: number, now: number): void {
    if (now !== this.#instant) {
      this.#instant = now;
      this.#stepsBefore = steps;
    }
    if (steps > mostSteps || steps - this.#stepsBefore > mostStepsAtOnce) this.#isLivelock = true;
  }
}
