import type { Step } from './engine.ts';

/** What those watch who wait for a lease; no queue has a name with a space. */
export function leaseTopic(name: string): string {
  return `lease ${name}`;
}

/** Those who want to know when a claim may find more, by queue. */
export class Watchers {
  readonly #listeners = new Map<string, Set<() => void>>();

  add(queue: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(queue) ?? new Set();
    this.#listeners.set(queue, listeners);
    // The same function may be given twice.
    const own = () => listener();
    listeners.add(own);
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(queue) === listeners) {
        this.#listeners.delete(queue);
      }
    };
  }

  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  /** Of steps that were stored. */
  tellOfSteps(steps: readonly Step[], results: readonly unknown[]): void {
    if (this.isEmpty) return;
    const queues = new Set(steps.flatMap((step, index) => queuesOf(step, results[index])));
    for (const queue of queues) this.tellOf(queue);
  }

  tellOf(queue: string): void {
    for (const listener of [...(this.#listeners.get(queue) ?? [])]) listener();
  }

  tellAll(): void {
    for (const queue of [...this.#listeners.keys()]) this.tellOf(queue);
  }
}

/**
 * The queues in which a step may have made something ready, or ended something that is waited for, and
 * the leases that it gave back.
 *
 * @param result where it is known already
 */
export function queuesOf([name, args]: Step, result?: unknown): readonly string[] {
  switch (name) {
    case 'jobs.add':
      return args.jobs.map(({ queue }) => queue);
    case 'jobs.settle':
      return result === null ? [] : [args.queue];
    case 'jobs.cancel':
    case 'jobs.redrive':
    case 'queues.pause':
      return [args.queue];
    case 'leases.release':
      return result === false ? [] : [leaseTopic(args.name)];
    default:
      return [];
  }
}
