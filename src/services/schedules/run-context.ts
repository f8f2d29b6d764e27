import type { Logger } from 'pino';
import type { Duration } from '../../../actors/rules/duration.ts';
import type { Bus } from '../../define/bus.ts';
import type { Context } from '../../define/context.ts';
import type { Notify } from '../../define/notify.ts';
import type { Storage } from '../../define/storage.ts';
import { CancelledError } from '../../errors.ts';
import type { Backstage } from '../../kernel/backstage.ts';
import type { CleanupStep } from '../../kernel/cleanup.ts';
import { toMs } from '../../kernel/durations.ts';
import { isAbort, staleError } from '../../kernel/failures.ts';
import type { LiveContext } from '../../kernel/live-context.ts';
import { Parts } from '../../kernel/parts.ts';
import { type Scope, scopeKey } from '../../kernel/scope.ts';
import { inheritContext } from '../inherit-context.ts';
import { Lifeline } from '../lifeline.ts';

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
  readonly #life: Lifeline;
  readonly run: number;
  readonly attempt: number;
  readonly due: Date;
  readonly scheduledAt: Date;
  readonly isByHand: boolean;
  #log: Logger | undefined;
  #parts: Parts | undefined;

  constructor(base: LiveContext, backstage: Backstage, facts: RunFacts) {
    this.#base = base;
    this.#backstage = backstage;
    this.#life = new Lifeline(backstage.clock, (call) => backstage.attribute(call));
    this.run = facts.run;
    this.attempt = facts.attempt;
    this.due = facts.due;
    this.scheduledAt = facts.scheduledAt;
    this.isByHand = facts.isByHand;
  }

  static {
    // Whatever a run does not have of its own is its incarnation's.
    inheritContext(Attempt.prototype, ['attempt', 'ready'], (attempt) => attempt.#base);
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

  get signal(): AbortSignal {
    return this.#life.signal;
  }

  sleep(duration: Duration): Promise<void> {
    return this.#life.sleep(toMs(duration));
  }

  use<Value>(value: Value, dispose?: (value: Value) => unknown): Value {
    return this.#life.use(value, dispose, () => this.#stale('use'));
  }

  defer(step: CleanupStep): void {
    this.#life.defer(step, () => this.#stale('defer'));
  }

  /** What is begun with this context, such as a call under a policy, ends with the attempt. */
  get [scopeKey](): Scope {
    const life = this.#life;
    const stage = this.#backstage;
    return {
      kernel: stage.kernel,
      path: stage.path,
      incarnation: stage.incarnation,
      get cancelReason() {
        return life.reason;
      },
      get isOver() {
        return life.isOver || stage.isOver;
      },
      onCancel: (callback) => life.onCancel(callback),
      defer: (step) => life.cleanup.add(step),
      waitFor: (wait) => life.cleanup.waitFor(wait),
      // A schedule is drained when its runs are over, and with them everything of theirs.
      drainFirst: () => {},
      fail: (error) => stage.fail(error),
      stale: (what) => this.#stale(what),
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
    const life = attempt.#life;
    const isCancelled = life.reason !== undefined;
    life.cancel(new CancelledError(attempt.#base.path));
    errors.push(...(await life.cleanup.run(caller)));
    life.end();
    const [error] = isCancelled ? errors.filter((each) => !isAbort(each)) : errors;
    return errors.length === 0 ? { hasFailed: false } : { hasFailed: true, error };
  }

  static cancel(attempt: Attempt, reason: Error): void {
    attempt.#life.cancel(reason);
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
