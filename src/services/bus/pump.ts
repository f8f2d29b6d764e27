import type { Clock } from '../../kernel/clock.ts';

/** Something that takes one step when it is its turn. It must not throw. */
export interface Stepper {
  step(): void;
}

/** Handlers that are called before timers and I/O have their turn. */
const mostAtOnce = 10_000;

/** Gives turns, in the order in which they were asked for, never on the stack of whoever asks. */
export class Pump {
  readonly #clock: Clock;
  #turns: Stepper[] = [];
  #isRunning = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(stepper: Stepper): void {
    this.#turns.push(stepper);
    if (this.#isRunning) return;
    this.#isRunning = true;
    void Promise.resolve().then(() => this.#run());
  }

  #run(): void {
    // Also those that are added meanwhile, up to a limit: handlers that emit to each other for ever
    // must not hold up the rest of the process.
    let next = 0;
    for (; next < this.#turns.length && next < mostAtOnce; next++) this.#turns[next]?.step();
    this.#turns = this.#turns.slice(next);
    this.#isRunning = this.#turns.length > 0;
    if (this.#isRunning) this.#clock.setTimeout(() => this.#run(), 0);
  }
}
