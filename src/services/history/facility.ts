import type { LifecycleEvent } from '../../events.ts';
import type { Facility } from '../../kernel/facilities.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { HistoryEntry } from '../engine/history.ts';
import { storageError } from '../storage/errors.ts';
import type { StorageFacility } from '../storage/facility.ts';
import type { HistorySettings } from './options.ts';

/** What happens within this time shares one write. */
const gatherMs = 200;
/** Until the next try where the storage did not work. */
const retryMs = 5_000;
/** While the storage does not work: the latest of this many are kept. */
const mostWaiting = 10_000;

export interface HistoryQuestion {
  /** Of this place and everything below it. @default the root */
  readonly path?: string;
  /** How many at most. @default 100 */
  readonly limit?: number;
  /** Only what is older than the event of this number: for the next page. */
  readonly before?: number;
}

/** An event that was kept. */
export interface PastEvent {
  /** Grows with every event that is kept. */
  readonly number: number;
  /** The process that it happened in: `host:pid:start`. */
  readonly run: string;
  readonly event: LifecycleEvent;
}

/**
 * Keeps what happens to a system where it stores everything else, across the lives of its processes.
 * Events that cannot be stored wait, up to a limit; what happens after the tree is down is not kept.
 */
export class HistoryFacility implements Facility {
  readonly #kernel: Kernel;
  readonly #storage: StorageFacility;
  readonly #settings: HistorySettings;
  readonly #system: string;
  readonly #run: string;
  readonly #forget: () => void;
  #waiting: HistoryEntry[] = [];
  #timer: unknown;

  constructor(
    kernel: Kernel,
    storage: StorageFacility,
    settings: HistorySettings,
    names: { readonly system: string; readonly run: string },
  ) {
    this.#kernel = kernel;
    this.#storage = storage;
    this.#settings = settings;
    this.#system = names.system;
    this.#run = names.run;
    this.#forget = kernel.journal.listen((event) => this.#note(event));
  }

  partOf(): undefined {
    return undefined;
  }

  /** @throws DARUMA_STORAGE_* */
  async read({ path, limit = 100, before }: HistoryQuestion = {}): Promise<PastEvent[]> {
    try {
      const query = { system: this.#system, path: path ?? this.#system, before: before ?? null };
      const [rows] = await this.#storage
        .engineOf(this.#system)
        .submit([['history.read', { ...query, limit }]]);
      return rows.map(({ seq, run, event }) => ({ number: seq, run, event: JSON.parse(event) }));
    } catch (error) {
      throw storageError(this.#system, error);
    }
  }

  close(): Promise<void> | undefined {
    this.#forget();
    this.#kernel.clock.clearTimeout(this.#timer);
    return this.#waiting.length === 0 ? undefined : this.#write();
  }

  #note(event: LifecycleEvent): void {
    const { time, path } = event;
    this.#waiting.push({ at: time, path, event: JSON.stringify(event, withoutStack) });
    if (this.#waiting.length > mostWaiting) this.#waiting.shift();
    this.#writeIn(gatherMs);
  }

  #writeIn(ms: number): void {
    this.#timer ??= this.#kernel.clock.setTimeout(() => {
      this.#timer = undefined;
      void this.#write();
    }, ms);
  }

  async #write(): Promise<void> {
    const entries = this.#waiting;
    this.#waiting = [];
    const { keepMs } = this.#settings;
    const forgetBefore = keepMs === null ? null : this.#kernel.clock.now() - keepMs;
    const names = { system: this.#system, run: this.#run };
    try {
      const engine = this.#storage.engineOf(this.#system);
      await engine.submit([['history.append', { ...names, entries, forgetBefore }]]);
    } catch {
      // The storage says by itself what is wrong with it.
      this.#waiting = [...entries, ...this.#waiting].slice(-mostWaiting);
      if (!this.#kernel.journal.isClosed) this.#writeIn(retryMs);
    }
  }
}

function withoutStack(key: string, value: unknown): unknown {
  return key === 'stack' ? undefined : value;
}
