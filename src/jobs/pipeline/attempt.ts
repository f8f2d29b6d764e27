import { isThenable } from '../../define/show.ts';
import { CancelledError } from '../../errors.ts';
import type { Happening } from '../../events.ts';
import type { Backstage } from '../../kernel/backstage.ts';
import type { LiveContext } from '../../kernel/live-context.ts';
import { Lifeline } from '../../services/lifeline.ts';
import { actorLabel } from '../../services/metrics/lifecycle.ts';
import { inSpan, tracerOf } from '../../services/tracing/traced.ts';
import type { Work } from '../../services/work-context.ts';
import { itemTimeoutError, staleItemError, threwNothing } from './errors.ts';
import type { Entry } from './line.ts';
import { LiveItem } from './live-item.ts';

/** What a part calls for each entry: a handler, or a consumer. */
export type Call = (ctx: LiveItem, value: unknown) => unknown;

export interface AttemptLimits {
  readonly timeoutMs: number;
  /** What it may take to end after its timeout, before it is given up. */
  readonly settleWithinMs: number;
}

/** How an attempt ended. */
export type AttemptEnd =
  | { readonly type: 'returned'; readonly value: unknown }
  /** `second`: what else went wrong, while something was done about it. */
  | { readonly type: 'threw'; readonly error: unknown; readonly second?: unknown }
  /** It was told to end, and obeyed. */
  | { readonly type: 'cut-off' };

/** One call of a handler or consumer, with a signal and a cleanup of its own. It ends once. */
export class Attempt implements Work {
  readonly base: LiveContext;
  readonly backstage: Backstage;
  readonly life: Lifeline;
  readonly #limits: AttemptLimits;
  readonly entry: Entry;
  readonly context: LiveItem;
  #onEnd: ((end: AttemptEnd) => void) | undefined;
  #timer: unknown;
  /** Its timeout has passed. */
  #lateError: Error | undefined;
  #isCutOff = false;
  /** What it was called for has come back, or is not waited for any more. */
  #isSettled = false;

  constructor(base: LiveContext, backstage: Backstage, entry: Entry, limits: AttemptLimits) {
    this.base = base;
    this.backstage = backstage;
    this.life = new Lifeline(backstage.clock, (call) => this.attribute(call));
    this.#limits = limits;
    this.entry = entry;
    this.context = new LiveItem(this);
  }

  /**
   * @param onFailure what to do about an error while the context still counts
   * @param onEnd called once, also where that is at once
   */
  begin(
    work: Call,
    onFailure: (attempt: Attempt, error: unknown) => unknown,
    onEnd: (end: AttemptEnd) => void,
  ): void {
    this.#onEnd = onEnd;
    const { timeoutMs, settleWithinMs } = this.#limits;
    const settled = (end: { readonly error: unknown } | { readonly value: unknown }) => {
      if (this.#isSettled) return;
      this.#isSettled = true;
      const error = this.#lateError ?? ('error' in end ? (end.error ?? threwNothing()) : undefined);
      if (error !== undefined) this.#threw(error, onFailure);
      else this.#leave({ type: 'returned', value: 'value' in end ? end.value : undefined });
    };
    this.#arm(timeoutMs, () => {
      const error = itemTimeoutError(this.backstage.path, this.entry.item.id, timeoutMs);
      this.#lateError = error;
      // One that does not obey keeps its place no longer than this.
      this.#arm(settleWithinMs, () => settled({ error }));
      this.life.cancel(error);
    });
    this.#call(
      () => this.#inSpan(() => work(this.context, this.entry.value)),
      (value) => settled({ value }),
      (error) => settled({ error }),
    );
  }

  /** A child of whatever put the item in. */
  #inSpan<Result>(call: () => Result): Result {
    const { path, incarnation, kernel } = this.backstage;
    const tracer = tracerOf(kernel);
    if (!tracer?.isOn) return call();
    const { item, attempts } = this.entry;
    const attributes = {
      'daruma.path': path,
      'daruma.incarnation': incarnation,
      'daruma.item.id': item.id,
      'daruma.attempt': attempts,
    };
    const name = `item ${actorLabel(kernel, path)}`;
    return inSpan(tracer, { name, attributes, origin: item.origin }, call);
  }

  /** Its service ends. */
  cutOff(): void {
    this.#isCutOff = true;
    this.life.cancel(new CancelledError(this.backstage.path));
  }

  /** Nobody waits for it any more. */
  abandon(): void {
    this.#disarm();
    this.#onEnd = undefined;
    this.life.cancel(new CancelledError(this.backstage.path));
    this.life.end();
  }

  // For its context.

  bindings(): Readonly<Record<string, unknown>> {
    const { id, job } = this.entry.item;
    return job ? { item: id, job: job.id, queue: job.queue } : { item: id };
  }

  record(happening: Happening): void {
    this.backstage.record(happening);
  }

  failFor(error: unknown): void {
    this.backstage.fail(error);
  }

  attribute<Result>(call: () => Result): Result {
    return this.backstage.attribute(call);
  }

  stale(what: string): Error {
    return staleItemError(this.backstage.path, this.entry.item.id, what);
  }

  #threw(error: unknown, onFailure: (attempt: Attempt, error: unknown) => unknown): void {
    if (this.#isCutOff) return this.#leave({ type: 'cut-off' });
    this.#call(
      () => onFailure(this, error),
      () => this.#leave({ type: 'threw', error }),
      (second) => this.#leave({ type: 'threw', error, second: second ?? threwNothing() }),
    );
  }

  /** A throw and a rejection are the same. What is not waited for is done at once. */
  #call(call: () => unknown, done: (value: unknown) => void, threw: (error: unknown) => void) {
    let result: unknown;
    try {
      result = this.attribute(call);
    } catch (error) {
      return threw(error);
    }
    if (isThenable(result)) Promise.resolve(result).then(done, threw);
    else done(result);
  }

  #leave(end: AttemptEnd): void {
    if (!this.#onEnd) return;
    this.life.cancel(new CancelledError(this.backstage.path));
    const { cleanup } = this.life;
    if (cleanup.isEmpty) return this.#end(end);
    void cleanup
      .run((call) => this.attribute(call))
      .then(([error]) => {
        const failed = error !== undefined && end.type === 'returned';
        this.#end(failed ? { type: 'threw', error } : end);
      });
  }

  #end(end: AttemptEnd): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    this.#disarm();
    this.life.end();
    onEnd?.(end);
  }

  #arm(ms: number, step: () => void): void {
    this.#disarm();
    if (ms !== Number.POSITIVE_INFINITY) {
      this.#timer = this.backstage.clock.setTimeout(step, ms);
    }
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.backstage.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
