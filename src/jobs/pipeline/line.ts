import type { Item } from './item.ts';

/** When one more comes than may wait. */
export type LineOverflow = 'wait' | 'drop-oldest' | 'drop-newest' | 'fail';

/** Something that one part has to do with an item. */
export interface Entry {
  readonly item: Item;
  /** Its payload, or what a handler has made of it. */
  readonly value: unknown;
  /** The handler that it is for, or that it comes from. */
  readonly handler: string;
  /** Which of the handlers that is. */
  readonly order: number;
  /** How often it has been tried. */
  attempts: number;
  /** Its place among all that ever came. */
  place: number;
  /** Whoever brought it waits for this: it is among those that may wait. */
  onAccepted: (() => void) | undefined;
}

/** Who takes what is in a line. */
export interface Taker {
  /** There is something to take. */
  wake(): void;
  /** It takes too long: more have come than may wait. */
  overrun(limit: number): void;
}

/**
 * What waits for one part of a pipeline. It outlives the incarnations of the part.
 *
 * 1. Entries are handed out in the order in which they came, also those that were put back.
 * 2. Not more than `limit` are accepted at a time; what comes then waits for that, or goes.
 */
export class Line {
  readonly limit: number;
  readonly #overflow: LineOverflow;
  readonly #drop: (entry: Entry) => void;
  #waiting: Entry[] = [];
  #came = 0;
  #taker: Taker | undefined;

  /** @param drop told of an entry that goes */
  constructor(limit: number, overflow: LineOverflow, drop: (entry: Entry) => void) {
    this.limit = limit;
    this.#overflow = overflow;
    this.#drop = drop;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** undefined: accepted, or gone; else resolves when it is accepted. */
  offer(entry: Entry): Promise<void> | undefined {
    entry.place = this.#came++;
    if (this.#waiting.length < this.limit) {
      this.#add(entry);
      return undefined;
    }
    switch (this.#overflow) {
      case 'wait':
        return new Promise((resolve) => {
          entry.onAccepted = resolve;
          this.#add(entry);
        });
      case 'drop-oldest':
        this.#drop(this.#waiting.shift() as Entry);
        this.#add(entry);
        return undefined;
      case 'fail':
        this.#taker?.overrun(this.limit);
        this.#drop(entry);
        return undefined;
      case 'drop-newest':
        this.#drop(entry);
        return undefined;
    }
  }

  take(): Entry | undefined {
    const entry = this.#waiting.shift();
    if (!entry) return undefined;
    accept(entry);
    accept(this.#waiting[this.limit - 1]);
    return entry;
  }

  /** One that was taken, but not done, has its old place again. */
  putBack(entry: Entry): void {
    const after = this.#waiting.findIndex(({ place }) => place > entry.place);
    this.#waiting.splice(after === -1 ? this.#waiting.length : after, 0, entry);
    this.#taker?.wake();
  }

  /** Takes out all that is left. */
  clear(): Entry[] {
    const left = this.#waiting;
    this.#waiting = [];
    for (const entry of left) accept(entry);
    return left;
  }

  attach(taker: Taker): void {
    this.#taker = taker;
    if (this.#waiting.length > 0) taker.wake();
  }

  detach(taker: Taker): void {
    if (this.#taker === taker) this.#taker = undefined;
  }

  #add(entry: Entry): void {
    this.#waiting.push(entry);
    this.#taker?.wake();
  }
}

function accept(entry: Entry | undefined): void {
  if (!entry?.onAccepted) return;
  entry.onAccepted();
  entry.onAccepted = undefined;
}
