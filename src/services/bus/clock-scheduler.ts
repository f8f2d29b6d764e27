import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';
import type { Clock } from '../../kernel/clock.ts';

/** An RxJS scheduler on the clock of a system: virtual time moves its timers too. */
export class ClockScheduler implements SchedulerLike {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  schedule<State>(
    work: (this: SchedulerAction<State>, state: State) => void,
    delay = 0,
    state?: State,
  ): Subscription {
    return new ClockAction<State>(this.#clock, work).schedule(state, delay);
  }
}

/** Work that is done once for each time that it is scheduled, until it is unsubscribed. */
class ClockAction<State> extends Subscription implements SchedulerAction<State> {
  readonly #clock: Clock;
  readonly #work: (this: SchedulerAction<State>, state: State) => void;
  #timer: unknown;

  constructor(clock: Clock, work: (this: SchedulerAction<State>, state: State) => void) {
    super(() => this.#forget());
    this.#clock = clock;
    this.#work = work;
  }

  schedule(state?: State, delay = 0): Subscription {
    if (this.closed) return this;
    this.#forget();
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#work.call(this, state as State);
    }, delay);
    return this;
  }

  #forget(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
