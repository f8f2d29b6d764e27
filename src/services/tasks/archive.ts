import type { Clock } from '../../kernel/clock.ts';
import { Lane, type Standing } from './lane.ts';
import type { WorkerPolicy } from './worker-policy.ts';

/** Something that came to its end. */
export interface Finished extends Standing {
  /** When, on the monotonic clock. */
  readonly finishedSince: number;
}

/**
 * Those that are over, the oldest first: kept by number and by age, never for ever. One timer at
 * most, for the oldest.
 */
export class Archive<Item extends Finished> {
  readonly #clock: Clock;
  readonly #policy: WorkerPolicy;
  readonly #onDrop: (item: Item) => void;
  readonly #kept = new Lane<Item>();
  #timer: unknown;
  #isClosed = false;

  constructor(clock: Clock, policy: WorkerPolicy, onDrop: (item: Item) => void) {
    this.#clock = clock;
    this.#policy = policy;
    this.#onDrop = onDrop;
  }

  add(item: Item): void {
    this.#kept.add(item);
    const { keepFinished, keepForMs } = this.#policy;
    const most = keepForMs === 0 ? 0 : keepFinished;
    while (this.#kept.size > most) this.#drop(this.#kept.first);
    this.#arm();
  }

  /** Another one takes its place. */
  remove(item: Item): void {
    this.#kept.remove(item);
  }

  /** Drops all. Returns how many that were. */
  clear(): number {
    const { size } = this.#kept;
    while (this.#kept.first) this.#drop(this.#kept.first);
    return size;
  }

  /** Nothing grows old any more. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    const { first } = this.#kept;
    const { keepForMs } = this.#policy;
    if (!first || this.#timer !== undefined || this.#isClosed || !Number.isFinite(keepForMs))
      return;
    const leftMs = first.finishedSince + keepForMs - this.#clock.monotonic();
    this.#timer = this.#clock.setTimeout(() => this.#dropOld(), Math.max(1, leftMs));
  }

  #dropOld(): void {
    this.#timer = undefined;
    const since = this.#clock.monotonic() - this.#policy.keepForMs;
    for (
      let { first } = this.#kept;
      first && first.finishedSince <= since;
      first = this.#kept.first
    )
      this.#drop(first);
    this.#arm();
  }

  #drop(item: Item | undefined): void {
    if (!item) return;
    this.#kept.remove(item);
    this.#onDrop(item);
  }
}
