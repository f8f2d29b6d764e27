/**
 * The transactions that are under way in a system: one at a time for each service, so that they do
 * not overtake each other; and none of them outlives the system.
 */
export class Running {
  readonly #tails = new Map<string, Promise<void>>();
  readonly #calledOff = new Set<() => void>();
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves when it is its turn, with what ends that. */
  async turn(path: string): Promise<() => void> {
    const before = this.#tails.get(path);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tails.set(path, promise);
    await before;
    return () => {
      if (this.#tails.get(path) === promise) this.#tails.delete(path);
      resolve();
    };
  }

  /** Calls back when the system is down; returns the function that takes it back. */
  onOver(callback: () => void): () => void {
    this.#calledOff.add(callback);
    return () => this.#calledOff.delete(callback);
  }

  end(): void {
    this.#isOver = true;
    for (const callback of this.#calledOff) callback();
    this.#calledOff.clear();
  }
}
