import { unowned } from './attribution.ts';

/**
 * The one queue of a system. Everything that reaches an actor goes through it, so that
 *
 * 1. one message is handled at a time, and its whole effect on its actor is visible before the next;
 * 2. messages are handled in the order in which they were posted, across all actors;
 * 3. the call stack stays flat however deep the tree is.
 *
 * Messages posted from outside are handled before `post` returns; those posted by a handler follow.
 */
export class Dispatcher {
  #queue: (() => void)[] = [];
  #next = 0;
  #isDraining = false;

  post(message: () => void): void {
    this.#queue.push(message);
    if (!this.#isDraining) this.#drain();
  }

  /** Calls within a message: the one that is being handled, or one of its own. */
  run(call: () => void): void {
    if (this.#isDraining) call();
    else this.post(call);
  }

  #drain(): void {
    this.#isDraining = true;
    while (this.#next < this.#queue.length) {
      const message = this.#queue[this.#next++] as () => void;
      if (this.#next > 4_096) {
        this.#queue = this.#queue.slice(this.#next);
        this.#next = 0;
      }
      try {
        message();
      } catch (defect) {
        reportDefect(defect);
      }
    }
    this.#queue = [];
    this.#next = 0;
    this.#isDraining = false;
  }
}

/**
 * No message throws unless the kernel itself is wrong. That must be loud, but neither lose the
 * messages behind it nor surface in whoever happened to post.
 */
export function reportDefect(defect: unknown): void {
  // Nor is it the fault of the child whose code happened to post.
  unowned(() => void Promise.reject(defect));
}
