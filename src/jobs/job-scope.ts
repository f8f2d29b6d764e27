import { isThenable } from '../define/show.ts';
import type { Lifeline } from '../services/lifeline.ts';
import { type JobFacts, scopeCycleError, staleJobError } from './errors.ts';
import type { ScopeFactories } from './job.ts';

interface Disposing {
  [Symbol.asyncDispose]?: () => unknown;
  [Symbol.dispose]?: () => unknown;
}

/**
 * What one job has for itself.
 *
 * 1. A value is made when it is first touched, once, also when several touch it at the same time; one
 *    that could not be made is made again.
 * 2. Each is disposed of once, in the reverse order in which they were there.
 * 3. What belongs to the worker is never disposed of here.
 */
export class JobScope {
  readonly needs: object = {};
  readonly #facts: JobFacts;
  readonly #factories: ScopeFactories;
  readonly #shared: object;
  readonly #job: object;
  readonly #life: Lifeline;
  readonly #values = new Map<string, unknown>();
  /** Those whose factory is being called, the outermost first. */
  readonly #making: string[] = [];
  readonly #pending = new Set<Promise<unknown>>();
  /** Who disposes of them is settled. */
  readonly #owned = new WeakSet<object>();

  /**
   * @param job what factories are given
   * @param shared what the worker needs
   */
  constructor(
    facts: JobFacts,
    job: object,
    shared: object,
    factories: ScopeFactories,
    life: Lifeline,
  ) {
    this.#facts = facts;
    this.#job = job;
    this.#shared = shared;
    this.#factories = factories;
    this.#life = life;
    for (const name of Object.keys(shared)) {
      this.#offer(name, () => (shared as Record<string, unknown>)[name]);
    }
    for (const name of Object.keys(factories)) this.#offer(name, () => this.#valueOf(name));
    life.cleanup.waitFor(() => {
      return this.#pending.size === 0 ? undefined : Promise.allSettled([...this.#pending]);
    });
  }

  /** Somebody else disposes of it. False: that was settled before. */
  adopt(value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return true;
    if (this.#owned.has(value)) return false;
    this.#owned.add(value);
    return true;
  }

  #offer(name: string, get: () => unknown): void {
    Object.defineProperty(this.needs, name, { enumerable: true, configurable: true, get });
  }

  #valueOf(name: string): unknown {
    if (this.#values.has(name)) return this.#values.get(name);
    if (this.#making.includes(name)) {
      throw scopeCycleError(this.#facts, [...this.#making, name]);
    }
    if (this.#life.isOver) throw staleJobError(this.#facts, `needs.${name}`);
    this.#making.push(name);
    try {
      const value = this.#factories[name]?.(this.#job, this.#shared);
      if (isThenable(value)) return this.#wait(name, value);
      this.#values.set(name, value);
      this.#own(value);
      return value;
    } finally {
      this.#making.pop();
    }
  }

  #wait(name: string, value: PromiseLike<unknown>): Promise<unknown> {
    const made = Promise.resolve(value).then((late) => {
      this.#own(late);
      return late;
    });
    this.#values.set(name, made);
    this.#pending.add(made);
    const over = () => this.#pending.delete(made);
    made.then(over, () => {
      over();
      this.#values.delete(name);
    });
    return made;
  }

  #own(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    const disposing = value as Disposing;
    const dispose = disposing[Symbol.asyncDispose] ?? disposing[Symbol.dispose];
    if (typeof dispose !== 'function') return;
    if (Object.values(this.#shared).includes(value) || !this.adopt(value)) return;
    const step = () => dispose.call(value);
    if (!this.#life.isOver) this.#life.cleanup.add(step);
    // Too late for anyone to wait for it.
    else
      void Promise.resolve()
        .then(step)
        .catch(() => {});
  }
}
