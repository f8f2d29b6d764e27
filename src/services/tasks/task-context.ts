import type { Logger } from 'pino';
import type { Duration } from '../../../actors/rules/duration.ts';
import type { Bus } from '../../define/bus.ts';
import type { Metrics } from '../../define/metrics.ts';
import type { Notify } from '../../define/notify.ts';
import type { Storage } from '../../define/storage.ts';
import type { InSpan } from '../../define/tracing.ts';
import { toMs } from '../../kernel/durations.ts';
import { Parts } from '../../kernel/parts.ts';
import { type Scope, scopeKey } from '../../kernel/scope.ts';
import type { Attempt } from './attempt.ts';
import type { Entry } from './entry.ts';
import { staleTaskError } from './errors.ts';
import type { ProgressReport, TaskContext } from './types.ts';

/** What a task is given; revoked when its attempt is over. */
export class LiveTaskContext implements TaskContext {
  readonly #entry: Entry;
  readonly #attempt: Attempt;
  #log: Logger | undefined;
  #parts: Parts | undefined;

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

  get bus(): Bus {
    return this.#partOf('bus') as Bus;
  }

  get notify(): Notify {
    return this.#partOf('notify') as Notify;
  }

  get metrics(): Metrics {
    return this.#partOf('metrics') as Metrics;
  }

  get storage(): Storage {
    return this.#partOf('storage') as Storage;
  }

  get span(): InSpan {
    return this.#partOf('span') as InSpan;
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

  /** What is begun with this context, such as a call under a policy, ends with the attempt. */
  get [scopeKey](): Scope {
    return this.#scope(() => this.#attempt.watch());
  }

  /** What it holds ends with the attempt. */
  #partOf(name: string): unknown {
    // To touch one says nothing of whether it hears of a cancel.
    this.#parts ??= new Parts(this.#scope(() => {}));
    return this.#parts.of(name);
  }

  /** @param watch called when something that ends with the attempt hears of a cancel */
  #scope(watch: () => void): Scope {
    const attempt = this.#attempt;
    const { backstage, path, id } = this.#entry;
    return {
      kernel: backstage.kernel,
      path,
      incarnation: backstage.incarnation,
      get cancelReason() {
        return attempt.cancelReason;
      },
      get isOver() {
        return attempt.isOver || backstage.isOver;
      },
      onCancel: (callback) => {
        watch();
        return attempt.onCancel(callback);
      },
      // An attempt has no cleanup: its signal is cancelled on every exit.
      defer: (step) => void attempt.onCancel(() => void step()),
      // Whoever subscribes hears of a cancel: the subscription ends.
      waitFor: (wait) => {
        attempt.watch();
        attempt.waitFor(wait);
      },
      // A worker is drained when its tasks are over, and with them everything of theirs.
      drainFirst: () => {},
      record: (happening) => backstage.record(happening),
      fail: (error) => attempt.failFor(error),
      stale: (what) => staleTaskError(path, id, what),
      attribute: (call) => backstage.kernel.attribute(attempt, call),
    };
  }
}
