import type { AnyActor, AnyActorRef, AnyEventObject, AnyStateMachine } from 'xstate';
import type { SpawnOptions } from '../define/context.ts';
import type { Happening } from '../events.ts';
import { type ActorEnd, hireChart, relay, release } from './actors.ts';
import type { Wait } from './cleanup.ts';
import type { Clock } from './clock.ts';
import { staleError } from './failures.ts';
import type { Kernel } from './kernel.ts';
import { insideOf, type Owner } from './live-context.ts';
import type { TreeNode } from './node.ts';
import type { Scope } from './scope.ts';
import { type Beginning, beginChild } from './spawn.ts';

/** How a chart is hired below an incarnation. */
export interface HireOptions {
  /** Unique below the incarnation; shown by inspectors. */
  readonly id: string;
  readonly input: unknown;
  /** Called with everything that the chart emits, once its new state is visible. */
  readonly onNews?: (news: AnyEventObject) => void;
  /** Called when the chart is in another state, once that is visible. */
  readonly onChange?: () => void;
  /** Called once when the chart is done or fails, not when it is released. */
  readonly onEnd?: (end: ActorEnd) => void;
}

/**
 * What the code of a battery may do in the incarnation that it lives in, beside what its context
 * offers to everybody: actors of its own, events in the journal, timers, and the blame for errors.
 */
export class Backstage implements Scope {
  readonly kernel: Kernel;
  readonly #owner: Owner;
  #hired: Set<AnyActor> | undefined;

  constructor(kernel: Kernel, owner: Owner) {
    this.kernel = kernel;
    this.#owner = owner;
  }

  get path(): string {
    return this.#owner.node.path;
  }

  /** Its place in the tree: the same for all its incarnations. */
  get node(): TreeNode {
    return this.#owner.node;
  }

  get incarnation(): number {
    return this.#owner.number;
  }

  get clock(): Clock {
    return this.kernel.clock;
  }

  /** A number in [0, 1) from the system's seed. */
  random(): number {
    return this.kernel.random();
  }

  /** The end of the incarnation has begun, for whatever cause. */
  get isCancelled(): boolean {
    return this.#owner.cancelReason !== undefined;
  }

  /** Why its signal was cancelled. */
  get cancelReason(): Error | undefined {
    return this.#owner.cancelReason;
  }

  /** It is over, or was abandoned: nothing that it does may count any more. */
  get isOver(): boolean {
    return this.#owner.isOver;
  }

  /** Calls back when its signal is cancelled; returns the undoing of that. */
  onCancel(callback: () => void): () => void {
    return this.#owner.onCancel(callback);
  }

  /** Calls back when the incarnation is given up, while what it records still counts. */
  onAbandon(callback: () => void): void {
    this.#owner.cleanup.onAbandon(callback);
  }

  /** Runs on every exit of the incarnation, in reverse order. */
  defer(step: () => unknown): void {
    this.#owner.cleanup.add(step);
  }

  /** Waits, before anything that was deferred runs, for what still uses it. Must not fail. */
  waitFor(wait: Wait): void {
    this.#owner.cleanup.waitFor(wait);
  }

  /** Waits for what is under way when the incarnation is drained. Must not fail. */
  drainFirst(wait: Wait): void {
    this.#owner.cleanup.drainFirst(wait);
  }

  /** Puts an event of the incarnation into the journal; of one that is over, nothing. */
  record(happening: Happening): void {
    if (this.isOver) return;
    this.kernel.journal.record({ path: this.path, incarnation: this.incarnation }, happening);
  }

  /** Fails the incarnation; nothing happens where its end has begun. */
  fail(error: unknown): void {
    this.#owner.fail(error);
  }

  /** For whoever uses its context when it is over. */
  stale(what: string): Error {
    return staleError(this.path, this.incarnation, what);
  }

  /** Calls user code so that what it leaves behind is attributed to this child. */
  attribute<Result>(call: () => Result): Result {
    return this.kernel.attribute(this.#owner, call);
  }

  /** Starts a child, as `ctx.spawn` does; it may be stopped before it is ready. */
  beginChild(definition: unknown, options: SpawnOptions = {}): Beginning {
    return beginChild(this.kernel, this.#owner, definition, options);
  }

  /** Starts an actor of one of our charts below the incarnation, which ends with it at the latest. */
  hire(chart: AnyStateMachine, options: HireOptions): AnyActor {
    if (!this.#hired) {
      this.#hired = new Set();
      this.defer(() => this.#releaseAll());
    }
    const hired = this.#hired;
    const actor = hireChart(chart, {
      ...options,
      parent: this.#owner.node.actor as AnyActorRef,
      onEnd: (end) => {
        hired.delete(actor);
        options.onEnd?.(end);
      },
    });
    hired.add(actor);
    actor.start();
    return actor;
  }

  /** Sends an event to an actor that was hired, in the order of everything that happens. */
  tell(actor: AnyActorRef, event: AnyEventObject): void {
    this.kernel.dispatcher.post(() => relay(this.#owner.node.actor, actor, event));
  }

  /** The same at once, before anything else happens: only in `onAbandon`, where nothing may wait. */
  tellAtOnce(actor: AnyActorRef, event: AnyEventObject): void {
    relay(this.#owner.node.actor, actor, event);
  }

  /** Stops an actor that was hired, at once; nobody is told. */
  release(actor: AnyActor): void {
    this.#hired?.delete(actor);
    release(actor);
  }

  #releaseAll(): void {
    for (const actor of this.#hired ?? []) release(actor);
    this.#hired?.clear();
  }
}

const backstages = new WeakMap<Owner, Backstage>();

/** The backstage of the incarnation that a context belongs to. */
export function backstage(context: unknown): Backstage {
  const { kernel, owner } = insideOf(context);
  return backstageOf(kernel, owner);
}

export function backstageOf(kernel: Kernel, owner: Owner): Backstage {
  const known = backstages.get(owner);
  if (known) return known;
  const made = new Backstage(kernel, owner);
  backstages.set(owner, made);
  return made;
}
