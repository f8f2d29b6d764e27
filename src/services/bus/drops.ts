import type { Kernel } from '../../kernel/kernel.ts';
import type { Party } from './party.ts';

const quietMs = 10_000;

/**
 * Counts the events that a subscription dropped, and says so: the first one at once, those that
 * follow together, at most once in ten seconds.
 */
export class Drops {
  readonly #kernel: Kernel;
  readonly #party: Party;
  readonly #topic: string;
  #count = 0;
  #timer: unknown;

  constructor(kernel: Kernel, party: Party, topic: string) {
    this.#kernel = kernel;
    this.#party = party;
    this.#topic = topic;
  }

  add(): void {
    this.#count++;
    if (this.#timer === undefined) this.#tell();
  }

  /** The subscription has ended, with so many that were not handled. */
  end(left: number): void {
    if (this.#timer !== undefined) this.#kernel.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#count > 0) this.#record('overflow', this.#count);
    if (left > 0) this.#record('ended', left);
    this.#count = 0;
  }

  #tell(): void {
    this.#record('overflow', this.#count);
    this.#count = 0;
    this.#timer = this.#kernel.clock.setTimeout(() => {
      this.#timer = undefined;
      if (this.#count > 0) this.#tell();
    }, quietMs);
  }

  #record(why: 'overflow' | 'ended', count: number): void {
    this.#party.record({ type: 'events-dropped', topic: this.#topic, count, why });
  }
}
