import type { AnyActorRef } from 'xstate';
import type { Hands, ServiceNews } from '../../actors/rules/hands.ts';
import type { Outcome } from '../../actors/rules/restart.ts';
import { errorInfo } from '../events.ts';
import { hireChart } from './actors.ts';
import { serviceChart } from './charts.ts';
import { cleanupLimitMs } from './end-limit.ts';
import { startTimeoutError } from './failures.ts';
import { Incarnation } from './incarnation.ts';
import type { Kernel } from './kernel.ts';
import { report } from './news.ts';
import type { Superior, TreeNode } from './node.ts';
import { SupervisorLife } from './supervisor-life.ts';

/** Gives a place in the tree the actor that stands for it under this superior, and starts it. */
export function employ(
  kernel: Kernel,
  node: TreeNode,
  superior: Superior,
  parent: AnyActorRef,
): void {
  const { spec } = node;
  const actor = hireChart(serviceChart, {
    id: node.id,
    parent,
    input: {
      hands: new ChildHands(kernel, node),
      startWithinMs: spec.kind === 'service' ? spec.startWithinMs : Number.POSITIVE_INFINITY,
      stopWithinMs:
        spec.kind === 'service' ? cleanupLimitMs(spec.stopWithinMs) : Number.POSITIVE_INFINITY,
    },
    onChange: () => {
      kernel.board.changed(node.path);
      if (node.status === 'stopping') kernel.dependencies.changed(node);
    },
    onNews: (news) => report(kernel, node, news as ServiceNews),
  });
  node.employ(actor, superior);
  actor.start();
  kernel.board.changed(node.path);
}

const notNeeded: Outcome = { reason: 'normal', startFailed: false, unstopped: false, readyMs: -1 };

/** Does what the service chart of one place decides. */
class ChildHands implements Hands {
  readonly #kernel: Kernel;
  readonly #node: TreeNode;

  constructor(kernel: Kernel, node: TreeNode) {
    this.#kernel = kernel;
    this.#node = node;
  }

  launch(): void {
    const { spec } = this.#node;
    const life =
      spec.kind === 'service'
        ? new Incarnation(this.#kernel, this.#node, spec)
        : new SupervisorLife(this.#kernel, this.#node, spec);
    this.#node.life = life;
    this.#post(() => {
      if (this.#node.life === life) life.launch();
    });
  }

  cancel(): void {
    this.#node.isGoingDown = true;
    this.#post(() => this.#node.life?.cancel());
  }

  abort(): void {
    this.#node.isGoingDown = true;
    this.#post(() => this.#node.life?.abort());
  }

  abandon(): void {
    // At once: between here and the next message it could still act for its successor.
    const { life } = this.#node;
    this.#node.life = undefined;
    life?.abandon();
  }

  startTimeout(): unknown {
    return startTimeoutError(this.#node);
  }

  tellReady(): void {
    this.#post(() => {
      this.#kernel.dependencies.changed(this.#node);
      this.#node.superior?.tell({ type: 'memberReady', id: this.#node.id });
    });
  }

  tellIgnored(): void {
    this.#post(() => {
      this.#node.life = undefined;
      this.#kernel.dependencies.changed(this.#node);
      const { superior, id } = this.#node;
      const at = this.#kernel.clock.monotonic();
      superior?.tell({ type: 'memberIgnored', id, outcome: notNeeded, at });
    });
  }

  tellDown(outcome: Outcome): void {
    const node = this.#node;
    this.#post(() => {
      node.life = undefined;
      const at = this.#kernel.clock.monotonic();
      node.lastEnd = {
        reason: outcome.reason,
        error: outcome.error === undefined ? undefined : errorInfo(outcome.error),
        at,
      };
      const isDone = outcome.reason === 'normal' && node.spec.restart !== 'permanent';
      if (isDone && !node.superior?.isTakingAlong(node.id)) {
        this.#kernel.dependencies.finished(node);
      }
      this.#kernel.dependencies.changed(node);
      node.superior?.tell({ type: 'memberDown', id: node.id, outcome, at });
    });
  }

  tellDue(): void {
    this.#post(() => this.#node.superior?.tell({ type: 'restartDue', id: this.#node.id }));
  }

  #post(message: () => void): void {
    this.#kernel.dispatcher.post(message);
  }
}
