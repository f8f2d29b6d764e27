import type { BusEvent } from '../../define/bus.ts';
import type { AnyHandler, Inbox } from './inbox.ts';

type Result = IteratorResult<BusEvent, undefined>;

const over: Result = { done: true, value: undefined };

/**
 * Events as an async iterator. The mailbox is the buffer: an event counts as handled when the next
 * one is asked for, so that nothing is taken out before its turn.
 */
export class EventIterator implements AsyncIterableIterator<BusEvent> {
  readonly #inbox: Inbox;
  /** Events that were handed over, and are taken for handled with the next call. */
  #arrived: BusEvent | undefined;
  #handled: (() => void) | undefined;
  #asked: ((result: Result) => void)[] = [];

  constructor(subscribe: (handler: AnyHandler) => Inbox) {
    this.#inbox = subscribe((_payload: never, event: BusEvent<never>) => this.#handOver(event));
    this.#inbox.onEnd(() => this.#end());
  }

  next(): Promise<Result> {
    if (this.#arrived) return Promise.resolve({ done: false, value: this.#takeArrived() });
    if (this.#inbox.isEnded) return Promise.resolve(over);
    this.#finish();
    return new Promise((resolve) => {
      this.#asked.push(resolve);
    });
  }

  return(): Promise<Result> {
    this.#inbox.end(true);
    return Promise.resolve(over);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Resolves when it counts as handled. */
  #handOver(event: BusEvent): Promise<void> {
    const ask = this.#asked.shift();
    this.#arrived = event;
    const handled = new Promise<void>((resolve) => {
      this.#handled = resolve;
    });
    if (ask) ask({ done: false, value: this.#takeArrived() });
    // Somebody asked for more than one at once.
    if (this.#asked.length > 0) this.#finish();
    return handled;
  }

  #takeArrived(): BusEvent {
    const event = this.#arrived as BusEvent;
    this.#arrived = undefined;
    return event;
  }

  #finish(): void {
    this.#handled?.();
    this.#handled = undefined;
  }

  #end(): void {
    this.#arrived = undefined;
    this.#finish();
    for (const ask of this.#asked.splice(0)) ask(over);
  }
}
