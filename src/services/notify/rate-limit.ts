import type { Notification } from '../../define/notify.ts';
import type { Clock } from '../../kernel/clock.ts';

export interface RateLimitInput {
  readonly limit: number;
  readonly perMs: number;
  readonly clock: Clock;
  /** Sends one. */
  readonly pass: (notification: Notification) => void;
  /** The first of a period is held back. */
  readonly onHold: () => void;
  /** A period in which some were held back is over. */
  readonly summarize: (held: readonly Notification[], count: number) => void;
}

/** Of those that are held back so many are remembered: the summary names a few. */
const mostRemembered = 100;

/** Passes so many in each period, which begins with the first; the others are summed up at its end. */
export class RateLimit {
  readonly #input: RateLimitInput;
  #passed = 0;
  #held: Notification[] = [];
  #heldCount = 0;
  #timer: unknown;

  constructor(input: RateLimitInput) {
    this.#input = input;
  }

  put(notification: Notification): void {
    const { limit, perMs, clock, pass, onHold } = this.#input;
    this.#timer ??= clock.setTimeout(() => this.flush(), perMs);
    if (this.#passed < limit) {
      this.#passed++;
      pass(notification);
      return;
    }
    this.#heldCount++;
    if (this.#held.length < mostRemembered) this.#held.push(notification);
    if (this.#heldCount === 1) onHold();
  }

  /** Ends the period. */
  flush(): void {
    if (this.#timer !== undefined) this.#input.clock.clearTimeout(this.#timer);
    const [held, count] = [this.#held, this.#heldCount];
    this.#timer = undefined;
    this.#passed = 0;
    this.#held = [];
    this.#heldCount = 0;
    if (count > 0) this.#input.summarize(held, count);
  }
}
