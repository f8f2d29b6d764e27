import type { Call } from './call.ts';
import { bulkheadFullError } from './errors.ts';
import type { BulkheadSpec } from './spec.ts';

/** What a bulkhead has at the moment. */
export interface BulkheadState {
  /** Attempts that are under way. */
  readonly running: number;
  /** Those that wait for a place. */
  readonly waiting: number;
}

/** Never more than so many at a time; a place that is given back goes to who has waited longest. */
export class Bulkhead {
  readonly #spec: BulkheadSpec;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(spec: BulkheadSpec) {
    this.#spec = spec;
  }

  get state(): BulkheadState {
    return { running: this.#running, waiting: this.#waiting.size };
  }

  /**
   * Takes a place. undefined: at once.
   *
   * @throws `DARUMA_BULKHEAD_FULL`
   */
  enter(call: Call): Promise<void> | undefined {
    const { concurrency, queue } = this.#spec;
    if (this.#running < concurrency) {
      this.#running++;
      return undefined;
    }
    if (this.#waiting.size >= queue) throw bulkheadFullError(call, concurrency, queue);
    return call.wait((come) => {
      this.#waiting.add(come);
      return () => this.#waiting.delete(come);
    });
  }

  /** Gives a place back. */
  leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#running--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
