import type { AnyActor, AnyActorRef, AnyEventObject } from 'xstate';
import { ignore } from '../define/ignore.ts';
import type { BodySpec } from '../define/spec.ts';
import { type ActorEnd, hireLogic, release } from './actors.ts';
import type { Part } from './kernel.ts';
import type { LiveContext } from './live-context.ts';
import type { TreeNode } from './node.ts';

/** The incarnation that a body runs for. */
export interface BodyHost {
  readonly node: TreeNode;
  readonly context: LiveContext;
  readonly isCancelled: boolean;
  becomeReady(value: unknown): void;
  bodyIgnored(): void;
  bodyReturned(): void;
  bodyThrew(error: unknown): void;
  /** Calls one of its parts, which may be watched from outside. */
  around<Result>(part: Part, call: () => Result): Result;
}

/** What runs in an incarnation: functions of the user, or an actor of the user's logic. */
export interface Body {
  begin(host: BodyHost): void;
  /** The signal was cancelled. */
  cancel(host: BodyHost): void;
  /** Nobody waits any more, and its signal was cancelled. */
  abandon(): void;
}

export function bodyOf(spec: BodySpec): Body {
  return spec.kind === 'hooks' ? new HooksBody(spec) : new LogicBody(spec);
}

class HooksBody implements Body {
  readonly #spec: Extract<BodySpec, { kind: 'hooks' }>;
  /** Started, without a body: lives until it is stopped. */
  #isResident = false;

  constructor(spec: Extract<BodySpec, { kind: 'hooks' }>) {
    this.#spec = spec;
  }

  begin(host: BodyHost): void {
    const { start, ready } = this.#spec;
    if (start) {
      settle(
        host,
        () => host.around('start', () => start(host.context)),
        (value) => this.#started(host, value),
      );
      return;
    }
    if (ready === 'immediate') host.becomeReady(undefined);
    this.#run(host, undefined);
  }

  cancel(host: BodyHost): void {
    if (this.#isResident) host.bodyReturned();
  }

  abandon(): void {}

  #started(host: BodyHost, value: unknown): void {
    if (value === ignore) return host.bodyIgnored();
    host.becomeReady(value);
    this.#run(host, value);
  }

  #run(host: BodyHost, value: unknown): void {
    const { run, ready } = this.#spec;
    // Whoever heard of it being ready may have stopped it.
    if (host.isCancelled) return host.bodyReturned();
    if (!run) {
      this.#isResident = true;
      return;
    }
    const part = ready === 'manual' ? 'start' : 'run';
    settle(
      host,
      () => host.around(part, () => run(host.context, value)),
      (result) => {
        if (result === ignore) host.bodyIgnored();
        else host.bodyReturned();
      },
    );
  }
}

/** A throw, a rejection and a non-Error throw are all the same: the body threw. */
function settle(host: BodyHost, call: () => unknown, done: (value: unknown) => void): void {
  let result: unknown;
  let isPromise: boolean;
  try {
    result = call();
    isPromise = isThenable(result);
  } catch (error) {
    return host.bodyThrew(error);
  }
  if (isPromise) {
    Promise.resolve(result).then(done, (error: unknown) => host.bodyThrew(error));
  } else {
    done(result);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

const stopEvent = { type: 'daruma.stop' };

class LogicBody implements Body {
  readonly #spec: Extract<BodySpec, { kind: 'logic' }>;
  #actor: AnyActor | undefined;
  /** Until it is ready. */
  #watch: { unsubscribe(): void } | undefined;

  constructor(spec: Extract<BodySpec, { kind: 'logic' }>) {
    this.#spec = spec;
  }

  begin(host: BodyHost): void {
    const { logic, input, ready } = this.#spec;
    const actor = hireLogic(logic, {
      id: `${host.node.id}.body`,
      parent: host.node.actor as AnyActorRef,
      input: { ctx: host.context, ...input },
      onEnd: (end) => this.#ended(host, end),
    });
    this.#actor = actor;
    if (ready) {
      this.#watch = actor.subscribe({
        next: (snapshot) => this.#look(host, ready, snapshot),
        error: () => {},
      });
    }
    host.around('run', () => actor.start());
    const snapshot = actor.getSnapshot();
    if (snapshot.status !== 'active') return;
    if (ready) this.#look(host, ready, snapshot);
    else host.becomeReady(actor);
  }

  /** Asks the machine to end; logic that cannot take the event is stopped at once. */
  cancel(host: BodyHost): void {
    const actor = this.#actor;
    if (!actor) return host.bodyReturned();
    if (canTake(actor, stopEvent)) return actor.send(stopEvent);
    const thrown = release(actor);
    if (thrown === undefined) host.bodyReturned();
    else host.bodyThrew(thrown);
  }

  abandon(): void {
    if (this.#actor) release(this.#actor);
  }

  #look(host: BodyHost, ready: (snapshot: unknown) => boolean, snapshot: unknown): void {
    try {
      if (!this.#watch || !ready(snapshot)) return;
      this.#watch.unsubscribe();
      this.#watch = undefined;
      host.becomeReady(this.#actor);
    } catch (error) {
      if (this.#actor) release(this.#actor);
      host.bodyThrew(error);
    }
  }

  #ended(host: BodyHost, end: ActorEnd): void {
    if (end.type === 'done') host.bodyReturned();
    else host.bodyThrew(end.error);
  }
}

function canTake(actor: AnyActor, event: AnyEventObject): boolean {
  const { can } = actor.getSnapshot() as { can?: (event: AnyEventObject) => boolean };
  try {
    return can?.call(actor.getSnapshot(), event) === true;
  } catch {
    // A guard of the user's that fails on our event: the machine cannot take it.
    return false;
  }
}
