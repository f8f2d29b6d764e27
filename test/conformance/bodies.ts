import { type Clock, type Context, ignore } from '../../src/index.ts';
import type { ExitReason, Item, StartOutcome, StopBehaviour } from './vocabulary.ts';

/** Where the bodies of one scenario live. */
export interface Theatre {
  /** The time of the bodies; their timers are not the library's. */
  readonly clock: Clock;
  /** Who is ready and has not ended, by path. */
  readonly running: Map<string, Performance>;
  /** The path that a path of the scenario stands for. */
  resolve(path: string): string;
}

export type Body = (ctx: Context) => Promise<unknown>;

/** The body of a child: each attempt of a path takes the next of its outcomes, the last repeats. */
export function bodyOf(child: Item, theatre: Theatre): Body {
  const start = child.start ?? 'ok';
  const outcomes = (Array.isArray(start) ? start : [start]) as readonly StartOutcome[];
  const attempts = new Map<string, number>();
  return (ctx) => {
    const attempt = attempts.get(ctx.path) ?? 0;
    attempts.set(ctx.path, attempt + 1);
    const outcome = outcomes[Math.min(attempt, outcomes.length - 1)] as StartOutcome;
    return new Performance(ctx, child.stop ?? 'graceful', theatre).begin(outcome);
  };
}

/**
 * One incarnation. Its promise settles with the very call that ends it, so that bodies which end in
 * one instant are reported in the order of these calls, before any of them is cleaned up.
 */
export class Performance {
  readonly #ctx: Context;
  readonly #stop: StopBehaviour;
  readonly #theatre: Theatre;
  readonly #end = Promise.withResolvers<unknown>();
  #timer: unknown;

  constructor(ctx: Context, stop: StopBehaviour, theatre: Theatre) {
    this.#ctx = ctx;
    this.#stop = stop;
    this.#theatre = theatre;
  }

  begin(outcome: StartOutcome): Promise<unknown> {
    if (typeof outcome === 'object' && 'deafOkAfterMs' in outcome) {
      this.#after(outcome.deafOkAfterMs, () => this.#reportReady());
      return this.#end.promise;
    }
    this.#obey();
    if (outcome === 'ok') this.#becomeReady();
    else if (outcome === 'fail') this.#fail();
    else if (outcome === 'ignore') this.#over(ignore);
    else if (outcome === 'ends') this.#over();
    else if (outcome === 'hang') return this.#end.promise;
    else if ('okAfterMs' in outcome) this.#after(outcome.okAfterMs, () => this.#becomeReady());
    else this.#after(outcome.failAfterMs, () => this.#fail());
    return this.#end.promise;
  }

  /** Ends by itself. */
  exit(reason: ExitReason): void {
    this.#leave();
    if (reason === 'normal') this.#end.resolve(undefined);
    else if (reason === 'error') this.#end.reject(new Error(`${this.#ctx.path} was told to fail`));
    else this.#end.reject(new DOMException('aborted by somebody else', 'AbortError'));
  }

  #obey(): void {
    const { signal } = this.#ctx;
    if (signal.aborted) this.#over();
    else signal.addEventListener('abort', () => this.#over(), { once: true });
  }

  #becomeReady(): void {
    const { path } = this.#ctx;
    this.#ctx.defer(() => this.#cleanUp());
    this.#theatre.running.set(path, this);
    this.#ctx.ready();
  }

  /** Deaf: reports it whatever has happened, and only then looks whether somebody still cares. */
  #reportReady(): void {
    if (!this.#ctx.signal.aborted) {
      this.#obey();
      return this.#becomeReady();
    }
    try {
      this.#ctx.ready();
    } catch {
      // Stale: its incarnation was abandoned.
    }
    this.#over();
  }

  #fail(): void {
    this.#end.reject(new Error(`${this.#ctx.path} was told to fail its start`));
  }

  #over(value?: unknown): void {
    this.#leave();
    this.#theatre.clock.clearTimeout(this.#timer);
    this.#end.resolve(value);
  }

  #leave(): void {
    const { running } = this.#theatre;
    if (running.get(this.#ctx.path) === this) running.delete(this.#ctx.path);
  }

  #cleanUp(): unknown {
    if (this.#stop === 'throws') throw new Error(`the cleanup of ${this.#ctx.path} failed`);
    if (this.#stop === 'graceful') return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#stop !== 'never') this.#theatre.clock.setTimeout(resolve, this.#stop.takesMs);
    return promise;
  }

  #after(ms: number, callback: () => void): void {
    this.#timer = this.#theatre.clock.setTimeout(callback, ms);
  }
}
