import { errorInfo, type Happening, type LifecycleEvent } from '../events.ts';
import type { Clock } from './clock.ts';
import type { Dispatcher } from './dispatcher.ts';

/** Where an event happened. */
export interface Place {
  readonly path: string;
  readonly incarnation: number;
}

export type Listener = (event: LifecycleEvent) => void;

/** What somebody asked of a place by its handle: no event, but what explains the ones that follow. */
export interface HandCall {
  /** Milliseconds on the system's monotonic clock. */
  readonly at: number;
  readonly path: string;
  readonly call: string;
}

/**
 * The lifecycle events of a system, in one total order. Listeners are called synchronously, one
 * event at a time: what a listener causes is delivered after the event that it is looking at.
 */
export class Journal {
  readonly #clock: Clock;
  readonly #dispatcher: Dispatcher;
  readonly #rootPath: string;
  readonly #listeners = new Set<Listener>();
  /** The same as a list, until there are others: each event is told to those that there were then. */
  #listed: readonly Listener[] | undefined;
  readonly #callListeners = new Set<(call: HandCall) => void>();
  readonly #onClose = new Set<() => void>();
  readonly #pending: LifecycleEvent[] = [];
  #isClosed = false;
  #current: LifecycleEvent | undefined;
  #isDelivering = false;
  #seq = 0;

  constructor(clock: Clock, dispatcher: Dispatcher, rootPath: string) {
    this.#clock = clock;
    this.#dispatcher = dispatcher;
    this.#rootPath = rootPath;
  }

  record(place: Place | undefined, happening: Happening): LifecycleEvent {
    const event: LifecycleEvent = {
      seq: ++this.#seq,
      at: this.#clock.monotonic(),
      time: this.#clock.now(),
      path: place?.path ?? this.#rootPath,
      incarnation: place?.incarnation ?? 0,
      ...happening,
    };
    this.#pending.push(event);
    // As a message: what listeners post waits until all of them have seen this.
    if (!this.#isDelivering) this.#dispatcher.run(() => this.#deliver());
    return event;
  }

  noteCall(call: string, path: string): void {
    for (const listener of this.#callListeners)
      listener({ at: this.#clock.monotonic(), path, call });
  }

  /** Returns the function that ends the subscription. */
  listenToCalls(listener: (call: HandCall) => void): () => void {
    this.#callListeners.add(listener);
    return () => this.#callListeners.delete(listener);
  }

  /** Returns the function that ends the subscription. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#listed = undefined;
    return () => this.#drop(listener);
  }

  /** The system has stopped: nothing will happen any more. */
  close(): void {
    this.#isClosed = true;
    for (const callback of this.#onClose) callback();
    this.#onClose.clear();
  }

  /** Calls back when the system has stopped, at once where it has. Returns its undoing. */
  onClose(callback: () => void): () => void {
    if (this.#isClosed) callback();
    else this.#onClose.add(callback);
    return () => this.#onClose.delete(callback);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The event that is being delivered. */
  get current(): LifecycleEvent | undefined {
    return this.#current;
  }

  /** What a failing listener does to the system: an event, and nothing else. */
  reportListener(error: unknown): LifecycleEvent {
    return this.record(undefined, { type: 'listener-failed', error: errorInfo(error) });
  }

  #deliver(): void {
    this.#isDelivering = true;
    try {
      for (let event = this.#pending.shift(); event; event = this.#pending.shift()) {
        this.#current = event;
        this.#listed ??= [...this.#listeners];
        for (const listener of this.#listed) {
          if (this.#listeners.has(listener)) this.#tell(listener, event);
        }
      }
    } finally {
      this.#current = undefined;
      this.#isDelivering = false;
    }
  }

  #tell(listener: Listener, event: LifecycleEvent): void {
    try {
      listener(event);
    } catch (error) {
      // A listener that fails on the report of its own failure is dropped.
      if (event.type === 'listener-failed') this.#drop(listener);
      else this.reportListener(error);
    }
  }

  #drop(listener: Listener): boolean {
    this.#listed = undefined;
    return this.#listeners.delete(listener);
  }
}
