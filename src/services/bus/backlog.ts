import type { BusEvent } from '../../define/bus.ts';

/** What became of an event. `lost`: it was never handled to its end. */
export type Outcome =
  | { readonly value: unknown }
  | { readonly error: unknown; readonly lost?: 'dropped' | 'ended' };

/** An event in the mailbox of one subscription. */
export interface Entry {
  event: BusEvent;
  /** Told once what became of it: for those who wait for it. */
  readonly settle: ((outcome: Outcome) => void) | undefined;
  key: unknown;
  hasKey: boolean;
}

/** Makes sure that an entry has its key. Says whether it has. */
export type KeyEntry = (entry: Entry) => boolean;

/**
 * What waits in a mailbox, and what is being handled: handed out in the order in which it came; of
 * one key, one at a time.
 */
export class Backlog {
  readonly #concurrency: number;
  readonly #keyEntry: KeyEntry | undefined;
  readonly #busyKeys = new Set<unknown>();
  readonly #inHand = new Set<Entry>();
  #waiting: Entry[] = [];
  #looks: (() => void)[] = [];

  constructor(concurrency: number, keyEntry: KeyEntry | undefined) {
    this.#concurrency = concurrency;
    this.#keyEntry = keyEntry;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get inHand(): ReadonlySet<Entry> {
    return this.#inHand;
  }

  get hasFreeHand(): boolean {
    return this.#inHand.size < this.#concurrency;
  }

  add(entry: Entry): void {
    this.#waiting.push(entry);
  }

  dropOldest(): Entry | undefined {
    return this.#waiting.shift();
  }

  withdraw(entry: Entry): void {
    this.#waiting = this.#waiting.filter((each) => each !== entry);
    this.#look();
  }

  /** The next one to handle; undefined: none, or none whose key is free. */
  take(): Entry | undefined {
    if (!this.hasFreeHand) return undefined;
    const entry = this.#keyEntry ? this.#takeKeyed(this.#keyEntry) : this.#waiting.shift();
    if (entry) this.#inHand.add(entry);
    return entry;
  }

  /** It has been handled, or never will be. */
  release(entry: Entry): void {
    this.#inHand.delete(entry);
    if (entry.hasKey) this.#busyKeys.delete(entry.key);
    this.#look();
  }

  /** Takes out all that waits. */
  clear(): Entry[] {
    const left = this.#waiting;
    this.#waiting = [];
    this.#look();
    return left;
  }

  /** Resolves when what is being handled has been; undefined: nothing is. */
  settled(): Promise<void> | undefined {
    return this.#whenGone([...this.#inHand]);
  }

  /** Resolves when all that is here now is gone; undefined: nothing is here. */
  drained(): Promise<void> | undefined {
    return this.#whenGone([...this.#inHand, ...this.#waiting]);
  }

  #takeKeyed(keyEntry: KeyEntry): Entry | undefined {
    for (const [index, entry] of this.#waiting.entries()) {
      if (!keyEntry(entry)) return undefined;
      if (this.#busyKeys.has(entry.key)) continue;
      this.#waiting.splice(index, 1);
      this.#busyKeys.add(entry.key);
      return entry;
    }
    return undefined;
  }

  #whenGone(entries: readonly Entry[]): Promise<void> | undefined {
    if (entries.length === 0) return undefined;
    const awaited = new Set(entries);
    return new Promise((resolve) => {
      const look = () => {
        const isThere = [...this.#inHand, ...this.#waiting].some((entry) => awaited.has(entry));
        if (isThere) this.#looks.push(look);
        else resolve();
      };
      this.#looks.push(look);
    });
  }

  #look(): void {
    if (this.#looks.length === 0) return;
    for (const look of this.#looks.splice(0)) look();
  }
}
