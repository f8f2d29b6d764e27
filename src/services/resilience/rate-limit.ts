import { RateWindow } from '../../../actors/rules/rate-window.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Call } from './call.ts';
import { rateLimitedError } from './errors.ts';
import type { RateLimitSpec } from './spec.ts';

/** What a rate limit has at the moment. */
export interface RateLimitState {
  /** Attempts that began in the span that ends now. */
  readonly used: number;
  /** Those that wait for their turn. */
  readonly waiting: number;
  /** What the next one would wait, in milliseconds. */
  readonly waitMs: number;
}

/** Lets through what the window allows, in the order in which it came. One timer for all that wait. */
export class RateLimit {
  readonly #spec: RateLimitSpec;
  readonly #clock: Clock;
  readonly #window: RateWindow;
  readonly #waiting = new Set<() => void>();
  #timer: unknown;

  constructor(spec: RateLimitSpec, clock: Clock) {
    this.#spec = spec;
    this.#clock = clock;
    this.#window = new RateWindow(spec.limit, spec.perMs);
  }

  get state(): RateLimitState {
    const now = this.#clock.monotonic();
    return {
      used: this.#window.used(now),
      waiting: this.#waiting.size,
      waitMs: this.#window.freeAt(now, this.#waiting.size) - now,
    };
  }

  /**
   * Takes a turn. undefined: at once.
   *
   * @throws `DARUMA_RATE_LIMITED`
   */
  take(call: Call): Promise<void> | undefined {
    const now = this.#clock.monotonic();
    const waitMs = this.#window.freeAt(now, this.#waiting.size) - now;
    if (waitMs <= 0 && this.#waiting.size === 0) {
      this.#window.take(now);
      return undefined;
    }
    if (waitMs > this.#spec.maxWaitMs) throw rateLimitedError(call, this.#spec, waitMs);
    return call.wait((come) => {
      this.#waiting.add(come);
      this.#arm();
      return () => {
        this.#waiting.delete(come);
        this.#disarmIfIdle();
      };
    });
  }

  #arm(): void {
    if (this.#timer !== undefined) return;
    const now = this.#clock.monotonic();
    // Whole milliseconds: what is left of one would be waited for again and again.
    const waitMs = Math.max(1, Math.ceil(this.#window.freeAt(now) - now));
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#letThrough();
    }, waitMs);
  }

  #letThrough(): void {
    const now = this.#clock.monotonic();
    for (const come of this.#waiting) {
      if (this.#window.freeAt(now) > now) break;
      this.#window.take(now);
      this.#waiting.delete(come);
      come();
    }
    if (this.#waiting.size > 0) this.#arm();
  }

  #disarmIfIdle(): void {
    if (this.#waiting.size > 0 || this.#timer === undefined) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
