import type { AnyActor, AnyActorRef } from 'xstate';
import { type Examiner, type HealthNews, healthMachine } from '../../actors/health.ts';
import { formatDuration } from '../../actors/rules/duration.ts';
import type { HealthCheckSpec } from '../define/spec.ts';
import { type HealthStatus, messageOf } from '../events.ts';
import { hireChart, relay, release } from './actors.ts';
import { noteHealth } from './health.ts';
import type { Blame, Kernel } from './kernel.ts';
import type { TreeNode } from './node.ts';

/** The incarnation that is looked at. */
export interface Examined extends Blame {
  readonly node: TreeNode;
  readonly context: unknown;
}

interface Finding {
  readonly status: HealthStatus;
  readonly reason: string | undefined;
}

/** Runs the health checks of an incarnation, from ready until its end begins. */
export class HealthChecks {
  readonly #actors: readonly AnyActor[];

  constructor(kernel: Kernel, examined: Examined, specs: readonly HealthCheckSpec[]) {
    this.#actors = specs.map((spec) => {
      const look = new Look(kernel, examined, spec);
      const actor = hireChart(healthMachine, {
        id: `${examined.node.id}.health.${spec.name}`,
        parent: examined.node.actor as AnyActorRef,
        input: { ...spec, examiner: look },
        onNews: (news) => {
          const { status, reason } = news as HealthNews;
          noteHealth(kernel, examined.node, spec.name, { status, reason });
        },
      });
      look.actor = actor;
      actor.start();
      return actor;
    });
  }

  stop(): void {
    for (const actor of this.#actors) release(actor);
  }
}

/** Calls one check, one call at a time. */
class Look implements Examiner {
  readonly #kernel: Kernel;
  readonly #examined: Examined;
  readonly #spec: HealthCheckSpec;
  actor: AnyActor | undefined;
  /** When the call began that has not settled yet. */
  #pendingSince: number | undefined;

  constructor(kernel: Kernel, examined: Examined, spec: HealthCheckSpec) {
    this.#kernel = kernel;
    this.#examined = examined;
    this.#spec = spec;
  }

  examine(run: number): void {
    this.#kernel.dispatcher.post(() => {
      if (this.#pendingSince !== undefined) {
        return this.#tell(run, { status: 'unhealthy', reason: this.#stillPending() });
      }
      this.#pendingSince = this.#kernel.clock.monotonic();
      const { node, context } = this.#examined;
      const settled = (finding: Finding) => {
        this.#pendingSince = undefined;
        this.#tell(run, finding);
      };
      this.#kernel
        .attribute(this.#examined, async () => this.#spec.check(context, node.value))
        .then(
          (answer) => settled(findingOf(answer)),
          (error) => settled({ status: 'unhealthy', reason: messageOf(error) }),
        );
    });
  }

  giveUp(): string {
    return `no answer within ${formatDuration(this.#spec.timeoutMs)}`;
  }

  #stillPending(): string {
    const sinceMs = this.#kernel.clock.monotonic() - (this.#pendingSince ?? 0);
    return `a check of ${formatDuration(Math.round(sinceMs))} ago has not answered yet`;
  }

  #tell(run: number, finding: Finding): void {
    this.#kernel.dispatcher.post(() => {
      if (this.actor) relay(undefined, this.actor, { type: 'result', run, ...finding });
    });
  }
}

/** Nothing and true are fine, false is not; a status, or a status with its reason, says more. */
function findingOf(answer: unknown): Finding {
  if (answer === undefined || answer === true) return { status: 'healthy', reason: undefined };
  if (answer === false) return { status: 'unhealthy', reason: 'says no' };
  const { status, reason } = (
    typeof answer === 'object' && answer !== null ? answer : { status: answer }
  ) as { status?: unknown; reason?: unknown };
  if (status === 'healthy' || status === 'degraded' || status === 'unhealthy') {
    return { status, reason: reason === undefined ? undefined : String(reason) };
  }
  return {
    status: 'unhealthy',
    reason: `its check answered ${typeof answer}; it may answer a boolean, a status, or { status, reason }`,
  };
}
