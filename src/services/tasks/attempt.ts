import type { Logger } from 'pino';
import type { Duration } from '../../../actors/rules/duration.ts';
import { hasObeyed, type TaskEvent } from '../../../actors/rules/task-hands.ts';
import { isThenable } from '../../define/show.ts';
import { toMs } from '../../kernel/durations.ts';
import { threwNothing } from '../../kernel/failures.ts';
import type { Place } from '../../kernel/journal.ts';
import type { Blame } from '../../kernel/kernel.ts';
import { type Scope, scopeKey } from '../../kernel/scope.ts';
import type { Entry } from './entry.ts';
import { staleTaskError } from './errors.ts';
import type { ProgressReport, TaskContext } from './types.ts';

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
  #isExpired = false;
  /** It can know that it was asked to stop. */
  #isWatching = false;
  #controller: AbortController | undefined;
  #onCancel: Set<() => void> | undefined;

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
      value = kernel.attribute(this, () => work(new LiveTaskContext(this.#entry, this)));
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

  /** It took too long: what it returns from now on does not count. */
  expire(reason: Error): void {
    this.#isExpired = true;
    this.cancel(reason);
  }

  /** Nobody waits for it any more. */
  fence(): void {
    this.#isOver = true;
  }

  /** An error that reached the process from code that it left running: nobody else suffers. */
  fail(error: unknown): void {
    this.#entry.stray(error);
  }

  // For its context.

  get cancelReason(): Error | undefined {
    return this.#reason ?? (this.#isOver ? this.#entry.overError() : undefined);
  }

  onCancel(callback: () => void): () => void {
    this.#isWatching = true;
    this.#onCancel ??= new Set();
    this.#onCancel.add(callback);
    return () => this.#onCancel?.delete(callback);
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
    if (this.#isExpired) return this.#failed(this.#reason);
    const isObedient = hasObeyed(this.#isWatching, false, result);
    this.#end({ type: 'returned', result, isObedient });
  }

  #failed(thrown: unknown): void {
    if (this.#isOver) return;
    const isObedient = hasObeyed(this.#isWatching, true, undefined);
    const error = this.#isExpired ? this.#reason : thrown;
    this.#end(this.#threw(error === undefined ? threwNothing('task') : error, isObedient));
  }

  #threw(error: unknown, isObedient: boolean): TaskEvent {
    const isRetryable = this.#entry.isRetryable(error, this.number);
    const random = isRetryable ? this.#entry.kernel.random() : 0;
    return { type: 'threw', error, isObedient, isRetryable, random };
  }

  #end(event: TaskEvent): void {
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

/** What a task is given; revoked when its attempt is over. */
class LiveTaskContext implements TaskContext {
  readonly #entry: Entry;
  readonly #attempt: Attempt;
  #log: Logger | undefined;

  constructor(entry: Entry, attempt: Attempt) {
    this.#entry = entry;
    this.#attempt = attempt;
  }

  get id(): string {
    return this.#entry.id;
  }

  get input(): unknown {
    return this.#entry.input;
  }

  get path(): string {
    return this.#entry.path;
  }

  /** What is begun with this context, such as a call under a policy, ends with the attempt. */
  get [scopeKey](): Scope {
    const attempt = this.#attempt;
    const { backstage } = this.#entry;
    return {
      kernel: backstage.kernel,
      path: backstage.path,
      incarnation: backstage.incarnation,
      get cancelReason() {
        return attempt.cancelReason;
      },
      onCancel: (callback) => attempt.onCancel(callback),
      // An attempt has no cleanup: its signal is cancelled on every exit.
      defer: (step) => void attempt.onCancel(() => void step()),
      record: (happening) => backstage.record(happening),
      attribute: (call) => backstage.kernel.attribute(attempt, call),
    };
  }

  get attempt(): number {
    return this.#attempt.number;
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  get log(): Logger {
    this.#log ??= this.#entry.log();
    return this.#log;
  }

  now(): number {
    return this.#entry.kernel.clock.now();
  }

  random(): number {
    return this.#entry.kernel.random();
  }

  sleep(duration: Duration): Promise<void> {
    return this.#attempt.sleep(toMs(duration));
  }

  progress(report: ProgressReport): void {
    if (this.#attempt.isOver) throw staleTaskError(this.#entry.path, this.id, 'progress');
    this.#entry.note(report);
  }
}
