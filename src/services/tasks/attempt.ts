import { hasObeyed, type TaskEvent } from '../../../actors/rules/task-hands.ts';
import { isThenable } from '../../define/show.ts';
import type { Wait } from '../../kernel/cleanup.ts';
import { threwNothing } from '../../kernel/failures.ts';
import type { Place } from '../../kernel/journal.ts';
import type { Blame } from '../../kernel/kernel.ts';
import type { OpenSpan } from '../tracing/open-span.ts';
import { endWith } from '../tracing/traced.ts';
import type { Entry } from './entry.ts';
import { abandonedError } from './errors.ts';
import { openSpan } from './span.ts';
import { LiveTaskContext } from './task-context.ts';

type AttemptEnd = Extract<TaskEvent, { type: 'returned' | 'threw' }>;

/**
 * One call of the function of a task, with its signal.
 *
 * 1. It reports its end once; after `fence` it reports nothing at all.
 * 2. Its signal is cancelled on every exit, where somebody looked at it.
 * 3. Whatever the function throws becomes a plain event.
 */
export class Attempt implements Blame {
  readonly #entry: Entry;
  readonly number: number;
  /** Why it has to end; undefined: nobody asked. */
  #reason: Error | undefined;
  #isOver = false;
  #hasFailed = false;
  /** It can know that it was asked to stop. */
  #isWatching = false;
  #controller: AbortController | undefined;
  #onCancel: Set<() => void> | undefined;
  #span: OpenSpan | undefined;
  #waits: Wait[] | undefined;
  /** Its function is over; what it left under way is waited for. */
  #isLeaving = false;

  constructor(entry: Entry, number: number) {
    this.#entry = entry;
    this.number = number;
  }

  get place(): Place {
    return this.#entry.owner;
  }

  run(): void {
    if (this.#isOver) return;
    // Cancelled between its turn and now: its function never runs.
    if (this.#reason) return this.#end(this.#threw(this.#reason, true));
    const { work, kernel } = this.#entry;
    let value: unknown;
    let isPromise: boolean;
    try {
      const call = () => work(new LiveTaskContext(this.#entry, this));
      this.#span = openSpan(this.#entry, this.number);
      value = kernel.attribute(this, () => (this.#span ? this.#span.run(call) : call()));
      isPromise = isThenable(value);
    } catch (error) {
      return this.#failed(error);
    }
    if (!isPromise) return this.#returned(value);
    Promise.resolve(value).then(
      (result) => this.#returned(result),
      (error: unknown) => this.#failed(error),
    );
  }

  cancel(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#abort();
    for (const callback of this.#onCancel ?? []) callback();
    this.#onCancel = undefined;
  }

  /** It has failed: what it returns from now on does not count. */
  expire(reason: Error): void {
    this.#hasFailed = true;
    this.cancel(reason);
  }

  /** Something that it left to others, such as a handler of the bus, has failed: so has it. */
  failFor(error: unknown): void {
    if (this.#isOver || this.#reason) return this.#entry.stray(error);
    this.expire((error ?? threwNothing('task')) as Error);
    this.#entry.tell({ type: 'failing' });
  }

  /** Nobody waits for it any more. */
  fence(): void {
    this.#isOver = true;
    const { path, id } = this.#entry;
    this.#span?.end('abandoned', abandonedError(path, id));
  }

  /** An error that reached the process from code that it left running: nobody else suffers. */
  fail(error: unknown): void {
    this.#entry.stray(error);
  }

  // For its context.

  get cancelReason(): Error | undefined {
    return this.#reason ?? (this.#isOver ? this.#entry.overError() : undefined);
  }

  /** Says that it can know when it is asked to stop. */
  watch(): void {
    this.#isWatching = true;
  }

  onCancel(callback: () => void): () => void {
    this.#onCancel ??= new Set();
    this.#onCancel.add(callback);
    return () => this.#onCancel?.delete(callback);
  }

  /** It is not over before this is. */
  waitFor(wait: Wait): void {
    this.#waits ??= [];
    this.#waits.push(wait);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get signal(): AbortSignal {
    this.#isWatching = true;
    if (this.#isOver) this.#reason ??= this.#entry.overError();
    this.#controller ??= new AbortController();
    if (this.#reason && !this.#controller.signal.aborted) this.#abort();
    return this.#controller.signal;
  }

  sleep(ms: number): Promise<void> {
    this.#isWatching = true;
    const { clock } = this.#entry.kernel;
    return new Promise((resolve, reject) => {
      if (this.#isOver) return reject(this.#reason ?? this.#entry.overError());
      if (this.#reason) return reject(this.#reason);
      this.#onCancel ??= new Set();
      const callbacks = this.#onCancel;
      const timer = clock.setTimeout(() => {
        callbacks.delete(wake);
        resolve();
      }, ms);
      const wake = () => {
        clock.clearTimeout(timer);
        reject(this.#reason);
      };
      callbacks.add(wake);
    });
  }

  #returned(result: unknown): void {
    if (this.#hasFailed) return this.#failed(this.#reason);
    const isObedient = hasObeyed(this.#isWatching, false, result);
    this.#end({ type: 'returned', result, isObedient });
  }

  #failed(thrown: unknown): void {
    if (this.#isOver || this.#isLeaving) return;
    const isObedient = hasObeyed(this.#isWatching, true, undefined);
    const error = this.#hasFailed ? this.#reason : thrown;
    this.#end(this.#threw(error === undefined ? threwNothing('task') : error, isObedient));
  }

  #threw(error: unknown, isObedient: boolean): AttemptEnd {
    const isRetryable = this.#entry.isRetryable(error, this.number);
    const random = isRetryable ? this.#entry.kernel.random() : 0;
    return { type: 'threw', error, isObedient, isRetryable, random };
  }

  #end(event: AttemptEnd): void {
    if (this.#isOver || this.#isLeaving) return;
    const wasCancelled = this.#reason !== undefined;
    if (event.type === 'threw') endWith(this.#span, event.error);
    else this.#span?.end(wasCancelled && event.isObedient ? 'cancelled' : 'completed');
    if (!this.#waits) return this.#over(event);
    this.#isLeaving = true;
    this.cancel(this.#entry.overError());
    const underWay = this.#waits.flatMap((wait) => wait() ?? []);
    if (underWay.length === 0) this.#over(event);
    else void Promise.all(underWay).then(() => this.#over(event));
  }

  #over(event: AttemptEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#entry.tell(event);
    // What it left running and passed the signal to ends too.
    if (this.#controller || this.#onCancel) this.cancel(this.#entry.overError());
  }

  /** Listeners of the signal are code of the user's. */
  #abort(): void {
    const controller = this.#controller;
    if (!controller) return;
    this.#entry.kernel.attribute(this, () => controller.abort(this.#reason));
  }
}
