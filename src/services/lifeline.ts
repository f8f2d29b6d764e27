import { Cleanup, type CleanupStep, disposalOf } from '../kernel/cleanup.ts';
import type { Clock } from '../kernel/clock.ts';

/** Calls code of the user's such that what it leaves behind is attributed. */
type Caller = <Result>(call: () => Result) => Result;

/**
 * What a piece of work has for itself that ends before its incarnation does: a signal, and what is to
 * be given back.
 *
 * 1. The signal is made when it is first touched; it is cancelled once, with the first reason.
 * 2. What is given to it too late is given back at once.
 */
export class Lifeline {
  readonly cleanup = new Cleanup();
  readonly #clock: Clock;
  readonly #caller: Caller;
  #controller: AbortController | undefined;
  /** Made when it is first asked for, as it mostly is not. */
  #reason: Error | (() => Error) | undefined;
  #onCancel: Set<() => void> | undefined;
  #isOver = false;
  #isWatched = false;

  constructor(clock: Clock, caller: Caller) {
    this.#clock = clock;
    this.#caller = caller;
  }

  /** Why its signal was cancelled. */
  get reason(): Error | undefined {
    if (typeof this.#reason === 'function') this.#reason = this.#reason();
    return this.#reason;
  }

  get isCancelled(): boolean {
    return this.#reason !== undefined;
  }

  /** Nothing that is done with it may count any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Somebody can know that it was cancelled. */
  get isWatched(): boolean {
    return this.#isWatched;
  }

  /** Made when it is first asked for: most work is over before anybody asks. */
  get signal(): AbortSignal {
    this.watch();
    this.#controller ??= new AbortController();
    if (this.isCancelled && !this.#controller.signal.aborted) this.#abort();
    return this.#controller.signal;
  }

  /** @param reason or what makes it */
  cancel(reason: Error | (() => Error)): void {
    if (this.isCancelled) return;
    this.#reason = reason;
    this.#abort();
    for (const callback of [...(this.#onCancel ?? [])]) callback();
    this.#onCancel = undefined;
  }

  end(): void {
    this.#isOver = true;
  }

  /** Somebody says that it can know when it is cancelled. */
  watch(): void {
    this.#isWatched = true;
  }

  /** Calls back when it is cancelled; returns the undoing of that. */
  onCancel(callback: () => void): () => void {
    this.watch();
    return this.whenCancelled(callback);
  }

  /** The same for something that its code hears nothing of. */
  whenCancelled(callback: () => void): () => void {
    this.#onCancel ??= new Set();
    this.#onCancel.add(callback);
    return () => this.#onCancel?.delete(callback);
  }

  /** @throws the reason of its signal, as soon as that is cancelled */
  sleep(ms: number): Promise<void> {
    this.watch();
    return new Promise((resolve, reject) => {
      if (this.isCancelled) return reject(this.reason);
      const timer = this.#clock.setTimeout(() => {
        forget();
        resolve();
      }, ms);
      const forget = this.onCancel(() => {
        this.#clock.clearTimeout(timer);
        reject(this.reason);
      });
    });
  }

  /** @throws what `late` makes when it is over; then the value is given back already */
  use<Value>(
    value: Value,
    dispose: ((value: Value) => unknown) | undefined,
    late: () => Error,
  ): Value {
    const step = disposalOf(value, dispose);
    if (!this.#isOver) {
      this.cleanup.add(step);
      return value;
    }
    // Acquired too late for anyone to give it back: give it back now.
    void Promise.resolve()
      .then(step)
      .catch(() => {});
    throw late();
  }

  /** @throws what `late` makes when it is over */
  defer(step: CleanupStep, late: () => Error): void {
    if (typeof step !== 'function') {
      throw new TypeError(`defer(fn) needs a function; it was given ${typeof step}.`);
    }
    if (this.#isOver) throw late();
    this.cleanup.add(step);
  }

  /** Its listeners are code of the user's: what they throw is their child's. */
  #abort(): void {
    const controller = this.#controller;
    if (controller) this.#caller(() => controller.abort(this.reason));
  }
}
