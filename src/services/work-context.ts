import type { Logger } from 'pino';
import type { Duration } from '../../actors/rules/duration.ts';
import type { Bus } from '../define/bus.ts';
import type { Jobs } from '../define/jobs.ts';
import type { Notify } from '../define/notify.ts';
import type { Storage } from '../define/storage.ts';
import type { InSpan } from '../define/tracing.ts';
import type { Happening } from '../events.ts';
import type { Backstage } from '../kernel/backstage.ts';
import type { CleanupStep } from '../kernel/cleanup.ts';
import { toMs } from '../kernel/durations.ts';
import { LiveContext } from '../kernel/live-context.ts';
import { Parts } from '../kernel/parts.ts';
import { type Scope, scopeKey } from '../kernel/scope.ts';
import type { Lifeline } from './lifeline.ts';

/** One attempt of a piece of work: a run of a schedule, an item in a handler, a job. */
export interface Work {
  /** The context of its incarnation. */
  readonly base: LiveContext;
  readonly backstage: Backstage;
  readonly life: Lifeline;
  /** What its logger says of it. */
  bindings(): Readonly<Record<string, unknown>>;
  record(happening: Happening): void;
  /** What was begun with its context has failed. */
  failFor(error: unknown): void;
  /** Calls code of the user's in its name. */
  attribute<Result>(call: () => Result): Result;
  /** For whoever uses its context when it is over. */
  stale(what: string): Error;
}

/** What says where it is, and acts for nobody. */
const harmless: ReadonlySet<string> = new Set(['path', 'incarnation', 'config', 'now', 'random']);

/**
 * What a piece of work is given: the context of its incarnation, with a signal, a cleanup, a logger
 * and facilities of its own, each made when it is first touched. It is revoked when the work is over.
 */
export class WorkContext {
  readonly #work: Work;
  #log: Logger | undefined;
  #parts: Parts | undefined;

  constructor(work: Work) {
    this.#work = work;
  }

  /**
   * Gives a kind of context everything that the context of a service has and that it neither has
   * itself nor shall have.
   */
  static narrow(prototype: WorkContext, without: readonly string[]): void {
    const members = Object.getOwnPropertyDescriptors(LiveContext.prototype);
    for (const [name, { get }] of Object.entries(members)) {
      if (name in prototype || without.includes(name)) continue;
      const own = get ? { get: getter(name) } : { value: method(name) };
      Object.defineProperty(prototype, name, { configurable: true, ...own });
    }
  }

  /** Whatever a context does not have of its own is its incarnation's, as long as its work lasts. */
  static baseOf(context: WorkContext, name: string): object {
    const work = context.#work;
    if (work.life.isOver && !harmless.has(name)) throw work.stale(name);
    return work.base;
  }

  get signal(): AbortSignal {
    return this.#work.life.signal;
  }

  get log(): Logger {
    this.#log ??= this.#work.base.log.child(this.#work.bindings());
    return this.#log;
  }

  get bus(): Bus {
    return this.#partOf('bus') as Bus;
  }

  get jobs(): Jobs {
    return this.#partOf('jobs') as Jobs;
  }

  get notify(): Notify {
    return this.#partOf('notify') as Notify;
  }

  get storage(): Storage {
    return this.#partOf('storage') as Storage;
  }

  get span(): InSpan {
    return this.#partOf('span') as InSpan;
  }

  sleep(duration: Duration): Promise<void> {
    return this.#work.life.sleep(toMs(duration));
  }

  use<Value>(value: Value, dispose?: (value: Value) => unknown): Value {
    return this.#work.life.use(value, dispose, () => this.#work.stale('use'));
  }

  defer(step: CleanupStep): void {
    this.#work.life.defer(step, () => this.#work.stale('defer'));
  }

  /** What is begun with this context, such as a call under a policy, ends with the work. */
  get [scopeKey](): Scope {
    const { life } = this.#work;
    return this.#scopeOf((callback) => life.onCancel(callback));
  }

  #scopeOf(onCancel: Scope['onCancel']): Scope {
    const work = this.#work;
    const { life, backstage } = work;
    return {
      kernel: backstage.kernel,
      path: backstage.path,
      incarnation: backstage.incarnation,
      get cancelReason() {
        return life.reason;
      },
      get isOver() {
        return life.isOver || backstage.isOver;
      },
      onCancel,
      defer: (step) => life.cleanup.add(step),
      // Whoever subscribes hears of a cancel: the subscription ends.
      waitFor: (wait) => {
        life.watch();
        life.cleanup.waitFor(wait);
      },
      // An incarnation is drained when its work is over, and with that everything of it.
      drainFirst: () => {},
      fail: (error) => work.failFor(error),
      stale: (what) => work.stale(what),
      record: (happening) => work.record(happening),
      attribute: (call) => work.attribute(call),
    };
  }

  /** What it holds ends with the work. */
  #partOf(name: string): unknown {
    const { life } = this.#work;
    // To touch one says nothing of whether the work hears of a cancel.
    this.#parts ??= new Parts(this.#scopeOf((callback) => life.whenCancelled(callback)));
    return this.#parts.of(name);
  }
}

function getter(name: string) {
  return function (this: WorkContext): unknown {
    return (WorkContext.baseOf(this, name) as Record<string, unknown>)[name];
  };
}

function method(name: string) {
  return function (this: WorkContext, ...args: unknown[]): unknown {
    const base = WorkContext.baseOf(this, name) as Record<string, (...args: unknown[]) => unknown>;
    return base[name]?.(...args);
  };
}
