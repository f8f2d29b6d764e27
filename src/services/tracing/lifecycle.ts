import type { ErrorInfo, LifecycleEvent } from '../../events.ts';
import type { Place } from '../../kernel/journal.ts';
import type { Kernel, Part } from '../../kernel/kernel.ts';
import { actorLabel } from '../metrics/lifecycle.ts';
import { LapsingContext } from './lapsing.ts';
import type { OpenSpan } from './open-span.ts';
import type { Tracer } from './tracer.ts';

/** What is known of one incarnation that is not over. */
interface Life {
  readonly incarnation: number;
  /** Of its start or its stop; undefined: it is up. */
  span: OpenSpan | undefined;
  isStopping: boolean;
}

/**
 * The spans of starts and stops: one each for every incarnation, below those of its supervisor where
 * that starts or stops too.
 */
export class LifecycleSpans {
  readonly #kernel: Kernel;
  readonly #tracer: Tracer;
  readonly #lives = new Map<string, Life>();

  constructor(kernel: Kernel, tracer: Tracer) {
    this.#kernel = kernel;
    this.#tracer = tracer;
  }

  /** Calls a part of an incarnation in the span of that part, and in no other. */
  around<Result>(part: Part, { path, incarnation }: Place, call: () => Result): Result {
    const { nowhere } = this.#tracer;
    const life = part === 'run' ? undefined : this.#lives.get(path);
    const span = life?.incarnation === incarnation ? life.span : undefined;
    if (!span || !nowhere) return this.#tracer.callAt(nowhere, call);
    const origin = new LapsingContext(span.context, nowhere, () => span.isOver);
    return this.#tracer.callAt(origin, call);
  }

  readonly hear = (event: LifecycleEvent): void => {
    if (event.type === 'starting') return this.#begin(event);
    const life = this.#lives.get(event.path);
    if (!life) return;
    switch (event.type) {
      case 'ready':
        return this.#endPart(life, 'ready');
      case 'ignored':
        return this.#endLife(life, event, 'ignored');
      case 'start-failed':
        return this.#endLife(life, event, 'failed', event.error);
      case 'stop-requested':
        return this.#stop(life, event);
      case 'unstopped':
        return this.#endLife(life, event, 'unstopped', unstopped(event.limitMs));
      case 'stop-error':
        return life.span?.note('stop-error', { 'error.message': event.error.message });
      case 'ended':
        return this.#end(life, event);
      default:
    }
  };

  /** What is not over by now will not be. */
  close(): void {
    for (const life of this.#lives.values()) this.#endPart(life, 'cut-off');
    this.#lives.clear();
  }

  #begin(event: Extract<LifecycleEvent, { type: 'starting' }>): void {
    // Asked before anything is put together: most systems have nobody who listens.
    if (!this.#tracer.isOn) return;
    const span = this.#open('start', event, { 'daruma.attempt': event.attempt });
    if (!span) return;
    this.#lives.set(event.path, { incarnation: event.incarnation, span, isStopping: false });
  }

  #stop(life: Life, event: LifecycleEvent): void {
    this.#endPart(life, 'stopped');
    life.isStopping = true;
    life.span = this.#open('stop', event);
  }

  #endPart(life: Life, outcome: string, error?: ErrorInfo): void {
    life.span?.end(outcome, error);
    life.span = undefined;
  }

  #endLife(life: Life, { path }: LifecycleEvent, outcome: string, error?: ErrorInfo): void {
    this.#endPart(life, outcome, error);
    this.#lives.delete(path);
  }

  /** One that was not asked to stop has a stop that takes no time: there the error is recorded. */
  #end(life: Life, event: Extract<LifecycleEvent, { type: 'ended' }>): void {
    if (!life.isStopping && !life.span) life.span = this.#open('stop', event);
    this.#endLife(life, event, event.reason, event.error);
  }

  #open(
    what: 'start' | 'stop',
    { path, incarnation }: LifecycleEvent,
    more: Readonly<Record<string, number>> = {},
  ): OpenSpan | undefined {
    const above = this.#kernel.tree.get(path)?.parent?.path;
    const origin = above === undefined ? undefined : this.#lives.get(above)?.span?.context;
    return this.#tracer.open(
      `${what} ${actorLabel(this.#kernel, path)}`,
      { 'daruma.path': path, 'daruma.incarnation': incarnation, ...more },
      origin ?? this.#tracer.nowhere,
    );
  }
}

function unstopped(limitMs: number | null): ErrorInfo {
  const limit = limitMs === null ? 'its limit' : `${limitMs} ms`;
  return { name: 'Unstopped', message: `It did not end within ${limit}.` };
}
