import type { Clock } from '../kernel/clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
  isCleared: boolean;
}

/**
 * A clock that only moves when it is told to. Timers fire in order of their time, those of the same
 * instant in the order in which they were armed; between two instants everything that promises
 * cause is run, so that each timer finds the world as it would be at its time.
 */
export class VirtualClock implements Clock {
  readonly #heap: Timer[] = [];
  readonly #epoch: number;
  #now = 0;
  #order = 0;
  #armed = 0;

  /** @param epoch what `now()` says at virtual time 0, in milliseconds since the epoch */
  constructor(epoch = Date.UTC(2026, 0, 1)) {
    this.#epoch = epoch;
  }

  monotonic(): number {
    return this.#now;
  }

  now(): number {
    return this.#epoch + this.#now;
  }

  setTimeout(fn: () => void, ms: number): unknown {
    const at = this.#now + Math.max(0, ms);
    const timer: Timer = { at, order: this.#order++, fn, isCleared: false };
    this.#armed++;
    push(this.#heap, timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    const timer = handle as Timer;
    if (timer.isCleared !== false) return;
    timer.isCleared = true;
    this.#armed--;
  }

  /** Timers that are armed now. */
  get pendingTimers(): number {
    return this.#armed;
  }

  /** When the next timer is due; undefined when there is none. */
  get nextAt(): number | undefined {
    this.#dropCleared();
    return this.#heap[0]?.at;
  }

  /** Runs what is due at the present instant, promises and timers, until nothing is. */
  async settle(): Promise<void> {
    await drain();
    while (this.#fireNext(this.#now)) await drain();
  }

  /** Moves time on, stopping at every timer on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (let at = this.nextAt; at !== undefined && at <= end; at = this.nextAt) {
      this.#now = at;
      await this.settle();
    }
    this.#now = end;
  }

  #fireNext(until: number): boolean {
    this.#dropCleared();
    const next = this.#heap[0];
    if (!next || next.at > until) return false;
    pop(this.#heap);
    next.isCleared = true;
    this.#armed--;
    next.fn();
    return true;
  }

  #dropCleared(): void {
    while (this.#heap[0]?.isCleared) pop(this.#heap);
  }
}

/** Lets everything run that already settled promises cause, to exhaustion. */
function drain(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at !== b.at ? a.at < b.at : a.order < b.order;
}

function push(heap: Timer[], timer: Timer): void {
  let index = heap.push(timer) - 1;
  while (index > 0) {
    const above = (index - 1) >> 1;
    if (!isBefore(timer, heap[above] as Timer)) break;
    heap[index] = heap[above] as Timer;
    index = above;
  }
  heap[index] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop() as Timer;
  if (heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    if (left >= heap.length) break;
    const right = left + 1;
    const isRightFirst = right < heap.length && isBefore(heap[right] as Timer, heap[left] as Timer);
    const first = isRightFirst ? right : left;
    if (!isBefore(heap[first] as Timer, last)) break;
    heap[index] = heap[first] as Timer;
    index = first;
  }
  heap[index] = last;
}
