import type { Kernel } from '../../kernel/kernel.ts';

const quietMs = 10_000;

/**
 * Counts what a full buffer has cost, and says so: the first one at once, those that follow together,
 * at most once in ten seconds.
 */
export class DropReport {
  readonly #kernel: Kernel;
  readonly #place: () => { readonly path: string; readonly incarnation: number };
  #count = 0;
  #timer: unknown;

  /** @param place whose buffer it is */
  constructor(
    kernel: Kernel,
    place: () => { readonly path: string; readonly incarnation: number },
  ) {
    this.#kernel = kernel;
    this.#place = place;
  }

  add(): void {
    this.#count++;
    if (this.#timer === undefined) this.#tell();
  }

  end(): void {
    if (this.#timer !== undefined) this.#kernel.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#record();
  }

  #tell(): void {
    this.#record();
    this.#timer = this.#kernel.clock.setTimeout(() => {
      this.#timer = undefined;
      if (this.#count > 0) this.#tell();
    }, quietMs);
  }

  #record(): void {
    const count = this.#count;
    this.#count = 0;
    if (count === 0) return;
    this.#kernel.journal.record(this.#place(), {
      type: 'item',
      status: 'dropped',
      count,
      id: null,
    });
  }
}
