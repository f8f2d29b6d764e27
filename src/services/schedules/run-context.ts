import type { Logger } from 'pino';
import type { Duration } from '../../../actors/rules/duration.ts';
import type { Bus } from '../../define/bus.ts';
import type { Context } from '../../define/context.ts';
import type { Notify } from '../../define/notify.ts';
import type { Storage } from '../../define/storage.ts';
import { CancelledError } from '../../errors.ts';
import type { Backstage } from '../../kernel/backstage.ts';
import { Cleanup, type CleanupStep, disposalOf } from '../../kernel/cleanup.ts';
import { toMs } from '../../kernel/durations.ts';
import { isAbort, staleError } from '../../kernel/failures.ts';
import { LiveContext } from '../../kernel/live-context.ts';
import { Parts } from '../../kernel/parts.ts';
import { type Scope, scopeKey } from '../../kernel/scope.ts';

/**
 * What the work of a schedule is given, one for each attempt of a run: the context of its
 * incarnation, with a signal, a cleanup and a logger of its own.
 */
export interface RunContext<Declared = unknown, Config = unknown, Input = unknown>
  extends Omit<Context<Declared, Config, undefined, Input>, 'ready' | 'attempt'> {
  /**
   * Cancelled when the attempt is over, whatever the cause: its end, its `timeout`, a newer run that
   * replaces it, a stop.
   */
  readonly signal: AbortSignal;
  /** Which run of the schedule, from 1; over all incarnations. */
  readonly run: number;
  /** Which attempt of this run, from 1. */
  readonly attempt: number;
  /** When the run was due; by hand, when it was asked for. */
  readonly due: Date;
  /** When it was to begin: `due` and its jitter. */
  readonly scheduledAt: Date;
  /** Asked for by `runNow()`. */
  readonly isByHand: boolean;
}

/** Which attempt of what. */
export interface RunFacts {
  readonly run: number;
  readonly attempt: number;
  readonly due: Date;
  readonly scheduledAt: Date;
  readonly isByHand: boolean;
}

/** One attempt, as its work may touch the world. Made for each; parts of it when first used. */
export class Attempt implements RunFacts {
  readonly #base: LiveContext;
  readonly #backstage: Backstage;
  readonly #cleanup = new Cleanup();
  readonly run: number;
  readonly attempt: number;
  readonly due: Date;
  readonly scheduledAt: Date;
  readonly isByHand: boolean;
  #log: Logger | undefined;
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #onCancel: Set<() => void> | undefined;
  #isOver = false;
  #parts: Parts | undefined;

  constructor(base: LiveContext, backstage: Backstage, facts: RunFacts) {
    this.#base = base;
    this.#backstage = backstage;
    this.run = facts.run;
    this.attempt = facts.attempt;
    this.due = facts.due;
    this.scheduledAt = facts.scheduledAt;
    this.isByHand = facts.isByHand;
  }

  static {
    // Whatever a run does not have of its own is its incarnation's.
    for (const [name, { get }] of Object.entries(
      Object.getOwnPropertyDescriptors(LiveContext.prototype),
    )) {
      if (name in Attempt.prototype || name === 'attempt' || name === 'ready') continue;
      Object.defineProperty(Attempt.prototype, name, {
        configurable: true,
        ...(get ? { get: baseGetter(name) } : { value: baseMethod(name) }),
      });
    }

    function baseGetter(name: string) {
      return function (this: Attempt): unknown {
        return (this.#base as unknown as Record<string, unknown>)[name];
      };
    }

    function baseMethod(name: string) {
      return function (this: Attempt, ...args: unknown[]): unknown {
        const base = this.#base as unknown as Record<string, (...args: unknown[]) => unknown>;
        return base[name]?.(...args);
      };
    }
  }

  get bus(): Bus {
    return this.#partOf('bus') as Bus;
  }

  get notify(): Notify {
    return this.#partOf('notify') as Notify;
  }

  get storage(): Storage {
    return this.#partOf('storage') as Storage;
  }

  get log(): Logger {
    this.#log ??= this.#base.log.child({ run: this.run });
    return this.#log;
  }

  /** Made when it is first asked for: most runs are over before anybody asks. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason && !this.#controller.signal.aborted) this.#abortSignal();
    return this.#controller.signal;
  }

  sleep(duration: Duration): Promise<void> {
    const ms = toMs(duration);
    const { clock } = this.#backstage;
    return new Promise((resolve, reject) => {
      if (this.#reason) return reject(this.#reason);
      const wake = () => {
        clock.clearTimeout(timer);
        this.#onCancel?.delete(cancelled);
      };
      const cancelled = () => {
        wake();
        reject(this.#reason);
      };
      const timer = clock.setTimeout(() => {
        wake();
        resolve();
      }, ms);
      this.#onCancel ??= new Set();
      this.#onCancel.add(cancelled);
    });
  }

  use<Value>(value: Value, dispose?: (value: Value) => unknown): Value {
    const step = disposalOf(value, dispose);
    if (!this.#isOver) {
      this.#cleanup.add(step);
      return value;
    }
    // Acquired too late for anyone to give it back: give it back now.
    void Promise.resolve()
      .then(step)
      .catch(() => {});
    throw this.#stale('use');
  }

  defer(step: CleanupStep): void {
    if (typeof step !== 'function') {
      throw new TypeError(`ctx.defer(fn) needs a function; it was given ${typeof step}.`);
    }
    if (this.#isOver) throw this.#stale('defer');
    this.#cleanup.add(step);
  }

  /** What is begun with this context, such as a call under a policy, ends with the attempt. */
  get [scopeKey](): Scope {
    const attempt = this;
    const stage = this.#backstage;
    return {
      kernel: stage.kernel,
      path: stage.path,
      incarnation: stage.incarnation,
      get cancelReason() {
        return attempt.#reason;
      },
      get isOver() {
        return attempt.#isOver || stage.isOver;
      },
      onCancel: (callback) => {
        attempt.#onCancel ??= new Set();
        attempt.#onCancel.add(callback);
        return () => attempt.#onCancel?.delete(callback);
      },
      defer: (step) => attempt.#cleanup.add(step),
      waitFor: (wait) => attempt.#cleanup.waitFor(wait),
      // A schedule is drained when its runs are over, and with them everything of theirs.
      drainFirst: () => {},
      fail: (error) => stage.fail(error),
      stale: (what) => attempt.#stale(what),
      record: (happening) => stage.record(happening),
      attribute: (call) => stage.attribute(call),
    };
  }

  /** Calls the work and cleans up after it. */
  static async carryOut(
    attempt: Attempt,
    work: (ctx: RunContext) => unknown,
  ): Promise<{ readonly hasFailed: boolean; readonly error?: unknown }> {
    const { attribute } = attempt.#backstage;
    const caller = attribute.bind(attempt.#backstage);
    const errors: unknown[] = [];
    try {
      await caller(() => work(attempt as unknown as RunContext));
    } catch (error) {
      errors.push(error ?? new TypeError('The work threw undefined instead of an error.'));
    }
    const isCancelled = attempt.#reason !== undefined;
    Attempt.cancel(attempt, new CancelledError(attempt.#base.path));
    errors.push(...(await attempt.#cleanup.run(caller)));
    attempt.#isOver = true;
    const [error] = isCancelled ? errors.filter((each) => !isAbort(each)) : errors;
    return errors.length === 0 ? { hasFailed: false } : { hasFailed: true, error };
  }

  static cancel(attempt: Attempt, reason: Error): void {
    if (attempt.#reason) return;
    attempt.#reason = reason;
    attempt.#abortSignal();
    for (const callback of [...(attempt.#onCancel ?? [])]) callback();
    attempt.#onCancel = undefined;
  }

  /** Its listeners are code of the user's: what they throw is this child's. */
  #abortSignal(): void {
    const controller = this.#controller;
    if (controller) this.#backstage.attribute(() => controller.abort(this.#reason));
  }

  /** What it holds ends with the attempt. */
  #partOf(name: string): unknown {
    this.#parts ??= new Parts(this[scopeKey]);
    return this.#parts.of(name);
  }

  #stale(what: string): Error {
    return staleError(this.#base.path, this.#base.incarnation, what);
  }
}
