import type { QueueSpec } from '../define/queue.ts';
import type { Clock } from '../kernel/clock.ts';
import { perform } from './current-job.ts';
import { callSafely, failed, type Places, prepared, type Work } from './handlers.ts';
import type { AnyJob } from './job.ts';
import type { JobLife } from './job-life.ts';

export interface BatchPolicy {
  /** Jobs of one call at most. */
  readonly size: number;
  /** How long the first of them waits for others, in milliseconds. */
  readonly waitMs: number;
}

/** Several jobs share a place: they are handed over together. */
export class BatchPlaces implements Places {
  readonly #concurrency: number;
  readonly #policy: BatchPolicy;
  readonly #spec: QueueSpec;
  readonly #clock: Clock;
  readonly #work: () => Work;
  readonly #batches = new Map<JobLife, Batch>();
  /** Takes more in. */
  #open: Batch | undefined;
  #timer: unknown;
  /** Calls that are under way. */
  #taken = 0;
  #isClosed = false;

  constructor(
    concurrency: number,
    policy: BatchPolicy,
    spec: QueueSpec,
    clock: Clock,
    work: () => Work,
  ) {
    this.#concurrency = concurrency;
    this.#policy = policy;
    this.#spec = spec;
    this.#clock = clock;
    this.#work = work;
  }

  get free(): number {
    const all = Math.max(0, this.#concurrency - this.#taken) * this.#policy.size;
    return Math.max(0, all - (this.#open?.size ?? 0));
  }

  take(life: JobLife): void {
    this.#open ??= this.#begin();
    this.#batches.set(life, this.#open);
    this.#open.add(life);
    if (this.#open.size >= this.#policy.size) this.#sealOpen();
  }

  admit(life: JobLife): void {
    const batch = this.#batches.get(life);
    batch?.arrived(life, prepared(life, this.#spec));
    if (this.#isClosed && batch === this.#open) this.#sealOpen();
  }

  /** All of a batch are called together, when all have begun. */
  call(): void {}

  leave(life: JobLife): void {
    const batch = this.#batches.get(life);
    if (!batch) return;
    this.#batches.delete(life);
    batch.remove(life);
    if (batch.size > 0) return;
    if (batch === this.#open) this.#forgetOpen();
    else this.#taken--;
  }

  close(): void {
    this.#isClosed = true;
    this.#sealOpen();
  }

  #begin(): Batch {
    this.#timer = this.#clock.setTimeout(() => this.#sealOpen(), this.#policy.waitMs);
    return new Batch(this.#work);
  }

  #sealOpen(): void {
    const batch = this.#open;
    this.#forgetOpen();
    if (!batch) return;
    this.#taken++;
    batch.seal();
  }

  #forgetOpen(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#open = undefined;
  }
}

type Arrival = AnyJob | undefined | Promise<AnyJob | undefined>;

/** Jobs that are handed over together. */
class Batch {
  readonly #work: () => Work;
  readonly #lives = new Set<JobLife>();
  readonly #arrivals = new Map<JobLife, Arrival>();
  readonly #failures = new Map<JobLife, unknown>();
  #isSealed = false;
  #isCalled = false;
  #isOver = false;

  constructor(work: () => Work) {
    this.#work = work;
  }

  get size(): number {
    return this.#lives.size;
  }

  add(life: JobLife): void {
    this.#lives.add(life);
  }

  remove(life: JobLife): void {
    this.#lives.delete(life);
    this.#callWhenComplete();
  }

  arrived(life: JobLife, job: Arrival): void {
    life.failAlone = (error) => {
      if (!this.#failures.has(life)) this.#failures.set(life, error);
    };
    this.#arrivals.set(life, job);
    this.#callWhenComplete();
  }

  /** Nobody joins it any more. */
  seal(): void {
    this.#isSealed = true;
    this.#callWhenComplete();
  }

  #callWhenComplete(): void {
    if (!this.#isSealed || this.#isCalled) return;
    for (const life of this.#lives) if (!this.#arrivals.has(life)) return;
    this.#isCalled = true;
    void this.#call();
  }

  async #call(): Promise<void> {
    const lives = [...this.#arrivals.keys()];
    const jobs = await Promise.all(this.#arrivals.values());
    // Some may have been called off while they waited for the others.
    const there = lives.flatMap((life, index) => {
      const job = jobs[index];
      return job && !life.isAsked && life.begin() ? [{ life, job }] : [];
    });
    const [first] = there;
    if (!first) return;
    first.life.shop.backstage.kernel.dispatcher.post(() => this.#perform(there));
  }

  #perform(there: readonly { readonly life: JobLife; readonly job: AnyJob }[]): void {
    const [first] = there;
    if (!first) return;
    // Whoever looks at the signal of one knows that all of them are to end.
    const isWatched = () => there.some(({ life }) => life.life.isWatched);
    for (const { life } of there) {
      life.isWatched = isWatched;
      // What is traced by the handler belongs to none of them alone.
      life.trace(() => {});
    }
    const batch = this;
    const performance = {
      job: undefined,
      workspaceId: undefined,
      get isOver() {
        return batch.#isOver;
      },
    };
    const lives = there.map(({ life }) => life);
    const jobs = there.map(({ job }) => job);
    callSafely(
      first.life,
      () => perform(performance, () => this.#work()(jobs)),
      () => this.#ended(lives, undefined),
      (error) => this.#ended(lives, { error }),
    );
  }

  #ended(lives: readonly JobLife[], failure: { readonly error: unknown } | undefined): void {
    this.#isOver = true;
    for (const life of lives) {
      if (this.#failures.has(life)) failed(life, this.#failures.get(life));
      else if (failure) failed(life, failure.error);
      else life.returned(undefined);
    }
  }
}
