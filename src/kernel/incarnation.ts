import type { ServiceEvent } from '../../actors/rules/hands.ts';
import type { Decision } from '../../actors/rules/restart.ts';
import type { ServiceSpec } from '../define/spec.ts';
import { CancelledError } from '../errors.ts';
import { errorInfo } from '../events.ts';
import { relay } from './actors.ts';
import type { Body, BodyHost } from './body.ts';
import { Cleanup } from './cleanup.ts';
import { askDecide } from './decide.ts';
import { endedBeforeReadyError, isAbort, startFailedError, threwNothing } from './failures.ts';
import type { Place } from './journal.ts';
import type { Blame, Kernel } from './kernel.ts';
import { LiveContext } from './live-context.ts';
import { mailboxOf } from './messages.ts';
import type { Life, TreeNode } from './node.ts';
import { Vigil } from './vigil.ts';

/**
 * One life of a service: its body, its signal, and its cleanup.
 *
 * 1. The signal is cancelled on every exit: stop, crash, normal return.
 * 2. The cleanup runs on every exit, once, after body and stop hook are over.
 * 3. `ended` is reported once, after the cleanup; after `abandon` nothing is reported at all.
 * 4. Whatever user code throws becomes a plain event.
 */
export class Incarnation implements Life, Blame, BodyHost {
  readonly #kernel: Kernel;
  readonly #spec: ServiceSpec;
  readonly #cleanup = new Cleanup();
  readonly node: TreeNode;
  readonly number: number;
  readonly place: Place;
  readonly attempt: number;
  readonly context: LiveContext;
  #controller: AbortController | undefined;
  #reason: CancelledError | undefined;
  #onCancel: Set<() => void> | undefined;
  #body: Body | undefined;
  #vigil: Vigil | undefined;
  #isReady = false;
  #readyAt = 0;
  #isBodyOver = false;
  #isStopHookRunning = false;
  #isFenced = false;

  constructor(kernel: Kernel, node: TreeNode, spec: ServiceSpec) {
    this.#kernel = kernel;
    this.node = node;
    this.#spec = spec;
    this.number = node.incarnation;
    this.place = { path: node.path, incarnation: node.incarnation };
    this.attempt = node.attempt;
    this.context = new LiveContext(kernel, this, spec);
  }

  // From the chart of its place.

  launch(): void {
    if (this.#isFenced || this.#reason || this.node.isGoingDown) return;
    this.#body = this.#kernel.makeBody(this.#spec.body, this.node);
    this.#kernel.attribute(this, () => this.#body?.begin(this));
  }

  cancel(): void {
    if (this.#reason || this.#isBodyOver) return;
    this.#cancelSignal();
    this.#runStopHook();
    if (this.#body) this.#body.cancel(this);
    else this.bodyReturned();
  }

  abort(): void {
    if (this.#reason) return;
    this.#cancelSignal();
    this.#body?.cancel(this);
  }

  abandon(): void {
    this.#cancelSignal();
    this.#cleanup.abandon();
    this.#isFenced = true;
    this.#body?.abandon();
    this.#vigil?.stop();
    this.#cleanup.abandonChildren?.();
    // Nobody waits, but what was acquired is given back: by a body that obeys, or else in its place.
    this.#kernel.clock.setTimeout(() => {
      const hasBegunCleanup = this.#isBodyOver && !this.#isStopHookRunning;
      if (!hasBegunCleanup) void this.#cleanup.run((call) => this.#kernel.attribute(this, call));
    }, 0);
  }

  drain(): Promise<unknown> | undefined {
    if (!this.#isReady || this.#reason) return undefined;
    const { body } = this.#spec;
    const hook = body.kind === 'hooks' ? body.drain : undefined;
    const call = hook && (async () => hook(this.context, this.node.value));
    return this.#cleanup.drain(call && (() => this.#kernel.attribute(this, call)));
  }

  // From its body.

  becomeReady(value: unknown): void {
    if (this.#isReady || this.#isBodyOver || this.#reason) return;
    this.#isReady = true;
    this.#readyAt = this.#kernel.clock.monotonic();
    this.#report(() => {
      this.node.value = value;
      return { type: 'ready', at: this.#readyAt };
    });
    // Whoever heard of it being ready may have stopped it.
    if (this.#reason) return;
    mailboxOf(this.#kernel, this.node)?.open(this);
    this.#vigil = Vigil.over(this.#kernel, this, this.#spec);
  }

  bodyIgnored(): void {
    if (this.#isReady || this.#reason) return this.bodyReturned();
    this.#isBodyOver = true;
    this.#cancelSignal();
    void this.#cleanUp().then(() => this.#end('ignored'));
  }

  bodyReturned(): void {
    if (this.#isBodyOver) return;
    if (this.#reason) return this.#bodyIsOver();
    if (!this.#isReady) return this.#leave('error', endedBeforeReadyError(this.node), undefined);
    if (this.#spec.restart === 'permanent') {
      this.#kernel.journal.record(this.node, {
        type: 'hint',
        text: "The body of a permanent service returned, so it is restarted; use restart: 'transient' for work that ends.",
      });
    }
    this.#leave('normal', undefined, undefined);
  }

  bodyThrew(thrown: unknown): void {
    if (this.#isBodyOver) return;
    const error = thrown === undefined ? threwNothing() : thrown;
    if (this.#reason) return this.#bodyIsOver(error);
    this.#leave('error', error, this.#decide(error));
  }

  // From the side: a watchdog, a receiver, the process.

  fail(error: unknown): void {
    if (this.#isFenced || this.#isBodyOver || this.#reason) {
      this.#kernel.journal.record(this.node, { type: 'stray-error', error: errorInfo(error) });
      return;
    }
    const decision = this.#decide(error);
    this.#report(() => ({
      type: 'failed',
      error: this.#isReady ? error : startFailedError(this.node.path, error),
      at: this.#kernel.clock.monotonic(),
      limitMs: this.#cleanupLimitMs(),
      ...(decision && { decision }),
    }));
  }

  // For its context.

  get isOver(): boolean {
    return this.#isFenced;
  }

  get isCancelled(): boolean {
    return this.#reason !== undefined;
  }

  get cleanup(): Cleanup {
    return this.#cleanup;
  }

  /** Made when it is first asked for: aborting one costs more than the rest of a stop. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason && !this.#controller.signal.aborted) this.#abortSignal();
    return this.#controller.signal;
  }

  get cancelReason(): CancelledError | undefined {
    return this.#reason;
  }

  /** Calls back when the signal is cancelled; returns the function that takes it back. */
  onCancel(callback: () => void): () => void {
    this.#onCancel ??= new Set();
    this.#onCancel.add(callback);
    return () => this.#onCancel?.delete(callback);
  }

  beat(): void {
    this.#vigil?.beat();
  }

  #leave(reason: 'normal' | 'error', error: unknown, decision: Decision | undefined): void {
    const at = this.#kernel.clock.monotonic();
    this.#report(() => ({
      type: 'left',
      reason,
      error: this.#isReady ? error : startFailedError(this.node.path, error),
      at,
      limitMs: this.#cleanupLimitMs(),
      ...(decision && { decision }),
    }));
    this.#bodyIsOver();
  }

  #bodyIsOver(lateError?: unknown): void {
    this.#isBodyOver = true;
    if (lateError !== undefined && !isAbort(lateError)) this.#cleanup.note(lateError);
    this.#vigil?.stop();
    this.#cancelSignal();
    if (this.#isStopHookRunning) return;
    this.#finish();
  }

  #finish(): void {
    if (this.#cleanup.isEmpty) this.#end('ended');
    else void this.#cleanUp().then(() => this.#end('ended'));
  }

  #end(type: 'ended' | 'ignored'): void {
    this.#isFenced = true;
    this.#report(() => ({ type }));
  }

  async #cleanUp(): Promise<void> {
    const errors = await this.#cleanup.run((call) => this.#kernel.attribute(this, call));
    if (errors.length > 0) this.#report(() => ({ type: 'cleanupFailed', errors }));
  }

  #runStopHook(): void {
    const { body } = this.#spec;
    if (body.kind !== 'hooks' || !body.stop || !this.#isReady) return;
    const { stop } = body;
    this.#isStopHookRunning = true;
    const over = () => {
      this.#isStopHookRunning = false;
      if (this.#isBodyOver) this.#finish();
    };
    const failed = (error: unknown) => {
      this.#cleanup.note(error);
      over();
    };
    this.#kernel.attribute(this, () => {
      try {
        Promise.resolve(stop(this.context, this.node.value)).then(over, failed);
      } catch (error) {
        failed(error);
      }
    });
  }

  #cancelSignal(): void {
    if (this.#reason) return;
    this.#reason = new CancelledError(this.node.path);
    this.#abortSignal();
    for (const callback of this.#onCancel ?? []) callback();
    this.#onCancel = undefined;
    this.#vigil?.stop();
    this.node.mailbox?.close();
  }

  #decide(error: unknown): Decision | undefined {
    const readyMs = this.#isReady ? this.#kernel.clock.monotonic() - this.#readyAt : 0;
    const info = { ...this.place, attempt: this.attempt, readyMs };
    return askDecide(this.#kernel, this.node, error, info);
  }

  /** Its listeners are code of the user's: what they throw is this child's. */
  #abortSignal(): void {
    const controller = this.#controller;
    if (controller) this.#kernel.attribute(this, () => controller.abort(this.#reason));
  }

  /** From now on; also for those whom it spawned. */
  #cleanupLimitMs(): number {
    const own = this.#spec.stopWithinMs === 'brutal' ? 0 : this.#spec.stopWithinMs;
    const deadline = this.node.superior?.deadline ?? Number.POSITIVE_INFINITY;
    const now = this.#kernel.clock.monotonic();
    const limitMs = Math.max(0, Math.min(own, deadline - now));
    this.node.endsBy = now + limitMs;
    return limitMs;
  }

  /** Reaches the chart only while this is the current incarnation. */
  #report(event: () => ServiceEvent): void {
    this.#kernel.dispatcher.post(() => {
      const { node } = this;
      if (node.life === this && node.actor) relay(undefined, node.actor, event());
      else
        this.#kernel.journal.record(node, {
          type: 'late',
          what: event().type,
          fromIncarnation: this.number,
        });
    });
  }
}
