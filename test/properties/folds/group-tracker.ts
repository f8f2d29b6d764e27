import type { History } from '../harness/history.ts';
import type { EventEntry } from '../harness/log.ts';
import { parentOf } from '../harness/shape.ts';

/** Which items are going down with a group, or wait to come back with it. */
export class GroupTracker {
  readonly #history: History;
  readonly #groups = new Map<string, Set<string>>();

  constructor(history: History) {
    this.#history = history;
  }

  has(path: string): boolean {
    return this.#groups.get(parentOf(path) ?? '')?.has(path) ?? false;
  }

  see({ event }: EventEntry): void {
    const { path, type } = event;
    const above = parentOf(path);
    const parent = above === undefined ? undefined : this.#history.shape.group(above);
    if (above === undefined || !parent) return;
    const group = this.#groups.get(above) ?? new Set<string>();
    this.#groups.set(above, group);
    if (type === 'starting' || type === 'dropped' || type === 'stopped') group.delete(path);
    if (type === 'starting') this.#groups.delete(path);
    if (type === 'backoff') this.#takeAlong(path, above, group);
  }

  #takeAlong(culprit: string, above: string, group: Set<string>): void {
    const { shape } = this.#history;
    const parent = shape.group(above);
    const strategy = parent?.strategy ?? 'one-for-one';
    if (!parent || strategy === 'one-for-one' || strategy === 'dynamic') return;
    const own = shape.at(culprit)?.index ?? 0;
    group.add(culprit);
    // In which order spares were added is not looked at.
    const isSpare = own >= parent.items.length;
    if (isSpare && strategy === 'rest-for-one') return;
    const all = [...parent.items, ...(shape.plan.spares ?? [])];
    for (const [index, item] of all.entries()) {
      if (strategy === 'one-for-all' || index >= own) group.add(`${above}/${item.id}`);
    }
  }
}
