import type { Scope } from '../../kernel/scope.ts';
import type { OpenSpan } from '../tracing/open-span.ts';
import type { LiveAttempt } from './attempt.ts';
import type { Call } from './call.ts';
import type { Engine } from './engine.ts';

/** What a policy has for one context: what was begun with it, and ends with it. */
export class Seat {
  readonly engine: Engine;
  readonly scope: Scope;
  /** Those that are under way. */
  readonly calls = new Set<Call>();
  /** Attempts that were given up and have not come to an end: they still have their place. */
  readonly lingering = new Set<LiveAttempt>();

  constructor(engine: Engine, scope: Scope) {
    this.engine = engine;
    this.scope = scope;
    scope.onCancel(() => this.#cancel());
    scope.defer(() => this.#abandon());
  }

  /** Of one call; undefined: nobody would hear of it. */
  openSpan(): OpenSpan | undefined {
    const { tracer, spec } = this.engine;
    if (!tracer?.isOn) return undefined;
    const { path, incarnation } = this.scope;
    return tracer.open(`call ${spec.name}`, {
      'daruma.path': path,
      'daruma.incarnation': incarnation,
      'daruma.policy': spec.name,
    });
  }

  #cancel(): void {
    for (const call of [...this.calls]) call.cancel(this.scope.cancelReason as Error);
  }

  #abandon(): void {
    for (const call of [...this.calls]) call.abandon();
    for (const _attempt of this.lingering) this.engine.bulkhead?.leave();
    this.lingering.clear();
  }
}
