export interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
  isCleared: boolean;
}

/** Earlier first; of the same instant, the one armed first. */
export function isBefore(a: Timer, b: Timer): boolean {
  return a.at !== b.at ? a.at < b.at : a.order < b.order;
}

/** A binary heap of timers; those that were cleared are skipped when their turn comes. */
export class TimerHeap {
  readonly #heap: Timer[] = [];

  get first(): Timer | undefined {
    while (this.#heap[0]?.isCleared) this.#removeFirst();
    return this.#heap[0];
  }

  /** In no particular order, those that were cleared included. */
  get all(): readonly Timer[] {
    return this.#heap;
  }

  push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!isBefore(timer, heap[above] as Timer)) break;
      heap[index] = heap[above] as Timer;
      index = above;
    }
    heap[index] = timer;
  }

  pop(): Timer | undefined {
    const { first } = this;
    if (first) this.#removeFirst();
    return first;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop() as Timer;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const isRightFirst =
        right < heap.length && isBefore(heap[right] as Timer, heap[left] as Timer);
      const first = isRightFirst ? right : left;
      if (!isBefore(heap[first] as Timer, last)) break;
      heap[index] = heap[first] as Timer;
      index = first;
    }
    heap[index] = last;
  }
}
