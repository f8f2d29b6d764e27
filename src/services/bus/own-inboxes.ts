import type { Inbox } from './inbox.ts';

/** The subscriptions of one party. */
export class OwnInboxes implements Iterable<Inbox> {
  readonly #active = new Set<Inbox>();
  /** Ended, with handlers under way. */
  readonly #leaving = new Set<Inbox>();
  #onFirst: (() => void) | undefined;

  /** @param onFirst called once, with the first one */
  constructor(onFirst?: () => void) {
    this.#onFirst = onFirst;
  }

  add(inbox: Inbox): void {
    this.#onFirst?.();
    this.#onFirst = undefined;
    this.#active.add(inbox);
    inbox.onEnd(() => {
      this.#active.delete(inbox);
      this.#leaving.add(inbox);
      void Promise.resolve(inbox.settled()).then(() => this.#leaving.delete(inbox));
    });
  }

  [Symbol.iterator](): Iterator<Inbox> {
    return [...this.#active][Symbol.iterator]();
  }

  /** Resolves when no handler is under way any more; undefined: none is. */
  settled(): Promise<unknown> | undefined {
    return all([...this.#active, ...this.#leaving].map((inbox) => inbox.settled()));
  }

  /** Resolves when everything that waits now has been handled; undefined: nothing does. */
  drained(): Promise<unknown> | undefined {
    return all([...this.#active, ...this.#leaving].map((inbox) => inbox.drained()));
  }
}

function all(waits: readonly (Promise<void> | undefined)[]): Promise<unknown> | undefined {
  const underWay = waits.filter((wait) => wait !== undefined);
  return underWay.length === 0 ? undefined : Promise.all(underWay);
}
