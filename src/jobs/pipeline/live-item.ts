import type { Logger } from 'pino';
import type { Duration } from '../../../actors/rules/duration.ts';
import type { Bus } from '../../define/bus.ts';
import type { Notify } from '../../define/notify.ts';
import type { Storage } from '../../define/storage.ts';
import type { InSpan } from '../../define/tracing.ts';
import type { Backstage } from '../../kernel/backstage.ts';
import type { CleanupStep } from '../../kernel/cleanup.ts';
import { toMs } from '../../kernel/durations.ts';
import type { LiveContext } from '../../kernel/live-context.ts';
import { Parts } from '../../kernel/parts.ts';
import { type Scope, scopeKey } from '../../kernel/scope.ts';
import { inheritContext } from '../../services/inherit-context.ts';
import type { Lifeline } from '../../services/lifeline.ts';
import { staleItemError } from './errors.ts';
import type { ItemInfo } from './item.ts';
import type { Entry } from './line.ts';

const notOfItems = ['attempt', 'input', 'ready', 'spawn'];
/** What says where it is, and acts for nobody. */
const harmless: ReadonlySet<string> = new Set(['path', 'incarnation', 'config', 'now', 'random']);

/** What handlers and consumers are given. Made for each attempt; parts of it when first used. */
export class LiveItem {
  readonly #base: LiveContext;
  readonly #backstage: Backstage;
  readonly #entry: Entry;
  readonly #life: Lifeline;
  readonly attempt: number;
  #log: Logger | undefined;
  #parts: Parts | undefined;

  constructor(base: LiveContext, backstage: Backstage, entry: Entry, life: Lifeline) {
    this.#base = base;
    this.#backstage = backstage;
    this.#entry = entry;
    this.#life = life;
    this.attempt = entry.attempts;
  }

  static {
    // Whatever an item does not have of its own is its part's, as long as the attempt lasts.
    inheritContext(LiveItem.prototype, notOfItems, (item, name) => {
      if (item.#life.isOver && !harmless.has(name)) throw item.#stale(name);
      return item.#base;
    });
  }

  get item(): ItemInfo {
    return this.#entry.item;
  }

  get handler(): string {
    return this.#entry.handler;
  }

  get signal(): AbortSignal {
    return this.#life.signal;
  }

  get log(): Logger {
    const { id, job } = this.#entry.item;
    this.#log ??= this.#base.log.child({ item: id, ...(job && { job: job.id }) });
    return this.#log;
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

  get span(): InSpan {
    return this.#partOf('span') as InSpan;
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
      // A pipeline is drained when its items are through, and with them everything of theirs.
      drainFirst: () => {},
      fail: (error) => stage.fail(error),
      stale: (what) => this.#stale(what),
      record: (happening) => stage.record(happening),
      attribute: (call) => stage.attribute(call),
    };
  }

  #partOf(name: string): unknown {
    this.#parts ??= new Parts(this[scopeKey]);
    return this.#parts.of(name);
  }

  #stale(what: string): Error {
    return staleItemError(this.#backstage.path, this.#entry.item.id, what);
  }
}
