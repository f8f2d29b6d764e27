import type { Subscribable } from 'rxjs';
import { DropReport } from './drop-report.ts';
import { bufferFullError } from './errors.ts';
import type { Buffer } from './flow.ts';
import type { Intake } from './intake.ts';

/**
 * Listens to an observable, which does not wait for anybody: what comes while there is no room waits
 * here, up to a limit.
 */
export class Tap {
  readonly #intake: Intake;
  readonly #buffer: Buffer;
  readonly #drops: DropReport;
  readonly #end = Promise.withResolvers<void>();
  #waiting: unknown[] = [];
  #isTaking = false;
  #isClosed = false;
  #subscription: { unsubscribe(): void } | undefined;

  constructor(intake: Intake, buffer: Buffer) {
    const { backstage } = intake;
    this.#intake = intake;
    this.#buffer = buffer;
    this.#drops = new DropReport(backstage.kernel, () => backstage);
    backstage.defer(() => this.#drops.end());
  }

  /** Resolves when it has completed, or is to end, and nothing waits here any more. */
  run(source: Subscribable<unknown>): Promise<void> {
    const { backstage } = this.#intake;
    backstage.onCancel(() => this.close());
    this.#intake.onClose(() => this.close());
    this.#subscription = source.subscribe({
      next: (item) => backstage.attribute(() => this.#next(item)),
      error: (error) => {
        this.#isClosed = true;
        this.#end.reject(error);
      },
      complete: () => this.close(),
    });
    // It may have completed at once.
    if (this.#isClosed) this.#subscription.unsubscribe();
    return this.#end.promise;
  }

  /** Listens no longer. */
  close(): void {
    this.#isClosed = true;
    this.#subscription?.unsubscribe();
    if (!this.#isTaking) this.#end.resolve();
  }

  #next(item: unknown): void {
    if (this.#isClosed) return;
    if (!this.#isTaking && this.#intake.flow.admission.tryTake()) {
      this.#intake.put(item);
      return;
    }
    const { limit, overflow } = this.#buffer;
    const isFull = this.#waiting.length >= limit;
    if (isFull && overflow === 'fail') {
      this.#isClosed = true;
      this.#subscription?.unsubscribe();
      return this.#end.reject(bufferFullError(this.#intake.backstage.path, limit));
    }
    if (isFull) this.#drops.add();
    if (isFull && overflow === 'drop-newest') return;
    if (isFull) this.#waiting.shift();
    this.#waiting.push(item);
    if (!this.#isTaking) void this.#takeIn();
  }

  async #takeIn(): Promise<void> {
    this.#isTaking = true;
    while (this.#waiting.length > 0 && (await this.#intake.take())) {
      this.#intake.put(this.#waiting.shift());
    }
    this.#isTaking = false;
    for (const _ of this.#waiting.splice(0)) this.#drops.add();
    if (this.#isClosed) this.#end.resolve();
  }
}
