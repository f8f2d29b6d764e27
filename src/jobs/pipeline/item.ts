import type { Origin } from '../../services/tracing/tracer.ts';

/** The durable job that an item is made of. */
export interface ItemJob {
  /** The same for every attempt: for whoever has to recognise what it has seen before. */
  readonly id: string;
  /** The name of its queue. */
  readonly queue: string;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** Whom it is for. */
  readonly workspaceId: string | undefined;
}

/** What is known of an item beside its payload. */
export interface ItemInfo<Payload = unknown> {
  /** Unique in its system, and over restarts of the process. */
  readonly id: string;
  /** The name of the producer that it came from. */
  readonly producer: string;
  /** What the router says that it is; undefined where nothing asks. */
  readonly route: string | undefined;
  readonly payload: Payload;
  /** When it was taken in, in milliseconds since the epoch. */
  readonly at: number;
  /** Where it comes from `fromQueue()`; else undefined. */
  readonly job: ItemJob | undefined;
}

/** What whoever puts an item in may say beside its payload. */
export interface Enclosed {
  readonly job?: ItemJob;
  /** Told once what became of it. */
  readonly onOver?: (outcome: ItemOutcome) => void;
}

/**
 * How it went through. `handled`: by everything that it was for. `failed`: something has given it up.
 * `unmatched`: nothing was for it. `dropped`: a buffer was full. `lost`: the pipeline ended first.
 */
export type ItemStatus = 'handled' | 'failed' | 'unmatched' | 'dropped' | 'lost';

/** What became of an item. */
export interface ItemOutcome {
  readonly item: ItemInfo;
  readonly status: ItemStatus;
  /** What its handlers have returned, in the order of the handlers; undefined results left out. */
  readonly results: readonly unknown[];
  /** Why it failed. */
  readonly errors: readonly unknown[];
}

/** Which of two ends is worse: what goes wrong in one place is not made good in another. */
const worst: readonly ItemStatus[] = ['handled', 'unmatched', 'dropped', 'failed', 'lost'];

/** One item on its way through a pipeline. */
export class Item implements ItemInfo {
  readonly id: string;
  readonly producer: string;
  readonly route: string | undefined;
  readonly payload: unknown;
  readonly at: number;
  readonly job: ItemJob | undefined;
  /** On the monotonic clock. */
  readonly since: number;
  /** Where it was put in, for spans. */
  readonly origin: Origin | undefined;
  /** What still has to be done with it, or with its results. */
  pending = 0;
  #status: ItemStatus = 'handled';
  readonly #results: { readonly order: number; readonly result: unknown }[] = [];
  readonly #errors: unknown[] = [];
  readonly #onOver: ((outcome: ItemOutcome) => void) | undefined;

  constructor(
    info: ItemInfo & { readonly since: number; readonly origin: Origin | undefined },
    onOver: ((outcome: ItemOutcome) => void) | undefined,
  ) {
    this.id = info.id;
    this.producer = info.producer;
    this.route = info.route;
    this.payload = info.payload;
    this.at = info.at;
    this.job = info.job;
    this.since = info.since;
    this.origin = info.origin;
    this.#onOver = onOver;
  }

  get status(): ItemStatus {
    return this.#status;
  }

  /** @param order which of the handlers it is of */
  add(result: unknown, order: number): void {
    this.#results.push({ result, order });
  }

  mark(status: ItemStatus, error?: unknown): void {
    if (worst.indexOf(status) > worst.indexOf(this.#status)) this.#status = status;
    if (error !== undefined) this.#errors.push(error);
  }

  /** Tells whoever wants to know. Must be called once. */
  tell(): void {
    this.#onOver?.({
      item: this,
      status: this.#status,
      results: this.#results.toSorted((a, b) => a.order - b.order).map(({ result }) => result),
      errors: this.#errors,
    });
  }
}
