import type { VirtualClock } from './virtual-clock.ts';

/** A choice among timers that were due at one instant. */
export interface ChoiceMade {
  /** Position on the tape. */
  readonly index: number;
  readonly at: number;
  readonly count: number;
  readonly taken: number;
}

/** Decides which of the timers goes first that are due at one instant, until it is at its end. */
export class ChoiceTape {
  readonly made: ChoiceMade[] = [];

  constructor(clock: VirtualClock, choices: readonly number[]) {
    // One that decides nothing costs nothing.
    if (choices.every((choice) => choice === 0)) return;
    clock.choose = (count) => {
      const index = this.made.length;
      const taken = (choices[index] ?? 0) % count;
      this.made.push({ index, at: clock.monotonic(), count, taken });
      if (index + 1 >= choices.length) clock.choose = undefined;
      return taken;
    };
  }
}
