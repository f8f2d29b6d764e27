import { WorkContext } from '../../services/work-context.ts';
import type { Attempt } from './attempt.ts';
import type { ItemInfo } from './item.ts';
import type { Entry } from './line.ts';

const notOfItems = ['attempt', 'input', 'ready', 'spawn'];

/** What handlers and consumers are given. Made for each attempt; parts of it when first used. */
export class LiveItem extends WorkContext {
  readonly #entry: Entry;
  readonly attempt: number;

  constructor(attempt: Attempt) {
    super(attempt);
    this.#entry = attempt.entry;
    this.attempt = attempt.entry.attempts;
  }

  static {
    WorkContext.narrow(LiveItem.prototype, notOfItems);
  }

  get item(): ItemInfo {
    return this.#entry.item;
  }

  get handler(): string {
    return this.#entry.handler;
  }
}
