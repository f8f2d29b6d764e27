import type { BusEvent } from '../../define/bus.ts';
import { criticalError } from './errors.ts';
import type { Inbox } from './inbox.ts';

/** Which critical subscription did not handle an event, and why. */
export interface Aborted {
  readonly by: string;
  readonly error: Error;
}

/**
 * An emission with critical subscriptions: it is offered to one after another, and goes on behind a
 * critical one when that has handled it. It is for those who subscribed before it was emitted: to
 * anybody else it could come after what was emitted later.
 */
export class GatedEmission {
  readonly #event: BusEvent;
  readonly #onOver: (aborted?: Aborted) => void;
  readonly #ahead: Inbox[];

  constructor(event: BusEvent, audience: readonly Inbox[], onOver: (aborted?: Aborted) => void) {
    this.#event = event;
    this.#ahead = [...audience];
    this.#onOver = onOver;
  }

  advance(): void {
    for (let inbox = this.#ahead.shift(); inbox; inbox = this.#ahead.shift()) {
      if (!inbox.takesMore) continue;
      if (inbox.settings.isCritical) return this.#waitFor(inbox);
      inbox.offer(this.#event);
    }
    this.#onOver();
  }

  #waitFor(inbox: Inbox): void {
    const { topic } = this.#event;
    inbox.offer(this.#event, (outcome) => {
      if ('value' in outcome) return this.advance();
      const { path } = inbox.party;
      this.#onOver({ by: path, error: criticalError(path, topic, outcome.error) });
    });
  }
}
