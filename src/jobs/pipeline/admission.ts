/** Calls off a wait. */
export type Undo = () => void;

/**
 * The places for what is in flight in one pipeline.
 *
 * 1. Never more are taken than there are.
 * 2. Whoever waits for a place gets one before whoever comes later.
 */
export class Admission {
  readonly limit: number;
  #taken = 0;
  /** Each gets a place. */
  readonly #takers: (() => void)[] = [];
  /** Each is told that there is one. */
  #lookers: (() => void)[] = [];
  /** Each is told whenever there is one. */
  readonly #watchers = new Set<() => void>();

  constructor(limit: number) {
    this.limit = limit;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Free places that nobody waits for. */
  get free(): number {
    return this.#takers.length > 0 ? 0 : this.limit - this.#taken;
  }

  /** Takes a place; false: there is none. */
  tryTake(): boolean {
    if (this.free <= 0) return false;
    this.#taken++;
    return true;
  }

  /** Calls back once a place is taken, at once where there is one. */
  take(taken: () => void): Undo {
    if (this.tryTake()) {
      taken();
      return () => {};
    }
    this.#takers.push(taken);
    return () => remove(this.#takers, taken);
  }

  /** Calls back once there is a place, which somebody else may take first. */
  look(seen: () => void): Undo {
    if (this.free > 0) {
      seen();
      return () => {};
    }
    this.#lookers.push(seen);
    return () => remove(this.#lookers, seen);
  }

  /** Calls back whenever a place has become free that nobody waits for. */
  watch(freed: () => void): Undo {
    this.#watchers.add(freed);
    return () => void this.#watchers.delete(freed);
  }

  /** Gives a place back. */
  give(): void {
    this.#taken--;
    const taken = this.#takers.shift();
    if (taken) {
      this.#taken++;
      return taken();
    }
    const lookers = this.#lookers;
    this.#lookers = [];
    for (const seen of lookers) seen();
    for (const freed of this.#watchers) freed();
  }
}

function remove(list: (() => void)[], callback: () => void): void {
  const index = list.indexOf(callback);
  if (index !== -1) list.splice(index, 1);
}
