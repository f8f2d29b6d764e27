import type { AnyActorRef } from 'xstate';
import type { OwnEnd } from '../../actors/rules/crew.ts';
import type { ServiceEvent } from '../../actors/rules/hands.ts';
import type { SupervisorSpec } from '../define/spec.ts';
import { errorInfo } from '../events.ts';
import { relay } from './actors.ts';
import { neverReadyError, restartLimitError, startFailedError } from './failures.ts';
import type { Kernel } from './kernel.ts';
import type { Life, TreeNode } from './node.ts';
import { type Household, Supervision } from './supervision.ts';

/** The body of a supervisor, as the chart of its place sees it. */
export class SupervisorLife implements Life, Household {
  readonly #kernel: Kernel;
  readonly #spec: SupervisorSpec;
  #supervision: Supervision | undefined;
  #isReady = false;
  readonly node: TreeNode;

  constructor(kernel: Kernel, node: TreeNode, spec: SupervisorSpec) {
    this.#kernel = kernel;
    this.node = node;
    this.#spec = spec;
  }

  launch(): void {
    // Asked to stop before it could begin.
    if (this.node.isGoingDown) return;
    const actor = this.node.actor as AnyActorRef;
    this.#supervision = new Supervision(this.#kernel, this, actor, this.#spec);
    this.node.supervision = this.#supervision;
    this.#supervision.begin();
  }

  cancel(): void {
    if (this.#supervision) this.#supervision.stopAll();
    else this.ended();
  }

  abort(): void {
    this.#supervision?.stopAll();
  }

  /** Its items are asked one by one. */
  drain(): undefined {}

  /** Only below an abandoned service: it ends when its items have ended or are unstopped. */
  abandon(): void {
    this.#supervision?.abandonAll('kill');
  }

  ready(): void {
    this.#isReady = true;
    this.#tell({ type: 'ready', at: this.#kernel.clock.monotonic() });
  }

  leaving(end: OwnEnd): void {
    const culprit = `${this.node.path}/${end.culprit}`;
    const { periodMs } = this.#spec;
    const { intensity } = end;
    if (end.reason === 'shutdown') {
      this.#kernel.journal.record(this.node, { type: 'auto-shutdown', culprit });
    } else if (!end.startFailed) {
      this.#kernel.journal.record(this.node, {
        type: 'escalated',
        culprit,
        isDecided: end.isDecided,
        used: end.used,
        intensity,
        periodMs,
        error: errorInfo(end.error),
      });
    }
    this.#tell({
      type: 'left',
      reason: end.reason,
      error: this.#errorOf(end, culprit),
      at: this.#kernel.clock.monotonic(),
      limitMs: Number.POSITIVE_INFINITY,
    });
    this.node.superior?.noticeLeaving();
  }

  #errorOf(end: OwnEnd, culprit: string): unknown {
    if (end.startFailed) return end.error;
    const isSpent = end.reason === 'RestartLimitExceeded';
    const error = isSpent
      ? restartLimitError(this.node, culprit, end, this.#spec.periodMs)
      : undefined;
    // Going down before it was ready, for whatever reason, is a start that failed: of the culprit.
    return this.#isReady ? error : startFailedError(culprit, error ?? neverReadyError(this.node));
  }

  ended(): void {
    this.node.supervision = undefined;
    this.#tell({ type: 'ended' });
  }

  #tell(event: ServiceEvent): void {
    const { node } = this;
    this.#kernel.dispatcher.post(() => {
      if (node.life === this && node.actor) relay(undefined, node.actor, event);
    });
  }
}
