import type { Clock } from '../kernel/clock.ts';
import type { Engine } from '../services/engine/engine.ts';
import type { JobRow } from '../services/engine/job-rows.ts';

/** Told once: of the job when it is over, of null when it is unknown. */
type Waiter = (row: JobRow | null) => void;

/** Between looks, whatever the news says, in milliseconds. */
const leastMs = 50;
/** Between looks that only make sure that no news got lost, in milliseconds. */
const pollMs = 2_000;

const over: ReadonlySet<string> = new Set(['completed', 'dead', 'cancelled']);

/** Those who wait for the ends of jobs: one look for all who wait in a queue. */
export class Waiters {
  readonly #clock: Clock;
  readonly #queues = new Map<string, QueueWatch>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls back when the job is over, or unknown. Returns the undoing. */
  add(engine: Engine, queue: string, id: string, waiter: Waiter): () => void {
    const watch = this.#queues.get(queue) ?? new QueueWatch(this.#clock, engine, queue);
    this.#queues.set(queue, watch);
    watch.add(id, waiter);
    return () => {
      watch.remove(id, waiter);
      if (watch.isEmpty && this.#queues.get(queue) === watch) this.#queues.delete(queue);
    };
  }
}

class QueueWatch {
  readonly #clock: Clock;
  readonly #engine: Engine;
  readonly #queue: string;
  readonly #waiters = new Map<string, Set<Waiter>>();
  #unwatch: (() => void) | undefined;
  #timer: unknown;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isLooking = false;
  #hasNews = false;

  constructor(clock: Clock, engine: Engine, queue: string) {
    this.#clock = clock;
    this.#engine = engine;
    this.#queue = queue;
  }

  get isEmpty(): boolean {
    return this.#waiters.size === 0;
  }

  add(id: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, waiters);
    waiters.add(waiter);
    this.#unwatch ??= this.#engine.watch(this.#queue, () => this.#lookSoon());
    this.#lookSoon();
  }

  remove(id: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(id);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(id);
    if (!this.isEmpty) return;
    this.#arm(undefined);
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #lookSoon(): void {
    if (this.#isLooking) {
      this.#hasNews = true;
      return;
    }
    this.#arm(Math.max(0, this.#lookedAt + leastMs - this.#clock.monotonic()));
  }

  #arm(ms: number | undefined): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer =
      ms === undefined ? undefined : this.#clock.setTimeout(() => void this.#look(), ms);
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    this.#isLooking = true;
    this.#hasNews = false;
    this.#lookedAt = this.#clock.monotonic();
    const ids = [...this.#waiters.keys()];
    try {
      const rows = await this.#engine.submit(
        ids.map((id) => ['jobs.get', { queue: this.#queue, id }] as const),
      );
      for (const [index, id] of ids.entries()) this.#tell(id, rows[index] ?? null);
    } catch {
      // Out of reach: the next look may find it, and each of them has a limit of its own.
    }
    this.#isLooking = false;
    if (this.isEmpty) return;
    if (this.#hasNews) this.#lookSoon();
    else this.#arm(pollMs);
  }

  #tell(id: string, row: JobRow | null): void {
    if (row && !over.has(row.state)) return;
    for (const waiter of [...(this.#waiters.get(id) ?? [])]) waiter(row);
  }
}
