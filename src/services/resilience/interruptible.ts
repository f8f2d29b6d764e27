import type { Clock } from '../../kernel/clock.ts';

/** Something that waits for one thing after the other, and may have to end while it does. */
export abstract class Interruptible {
  readonly #clock: Clock;
  #interrupt: ((reason: unknown) => void) | undefined;
  #endReason: Error | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why it has to end, once it has to. The first reason counts. */
  get endReason(): Error | undefined {
    return this.#endReason;
  }

  /**
   * Waits for something that others decide. `begin` is given what to call when it has come, and
   * returns what undoes the waiting. Rejects with why it has to end, as soon as it has to.
   */
  wait(begin: (come: () => void) => () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#endReason) return reject(this.#endReason);
      const undo = begin(() => {
        this.#interrupt = undefined;
        resolve();
      });
      this.#interrupt = (reason) => {
        this.#interrupt = undefined;
        undo();
        reject(reason);
      };
    });
  }

  /** Waits for a time, as `wait`. */
  sleep(ms: number): Promise<void> {
    return this.wait((come) => {
      const timer = this.#clock.setTimeout(come, ms);
      return () => this.#clock.clearTimeout(timer);
    });
  }

  /** It has to end: what it waits for at the moment is not waited for any longer. */
  protected end(reason: Error): void {
    this.#endReason ??= reason;
    this.#interrupt?.(this.#endReason);
  }
}
