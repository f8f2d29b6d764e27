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
 * critical one when that has handled it. Who subscribes meanwhile gets it as well.
 */
export class GatedEmission {
  readonly #audienceOf: (topic: string) => readonly Inbox[];
  readonly #event: BusEvent;
  readonly #onOver: (aborted?: Aborted) => void;
  readonly #offered = new Set<Inbox>();

  constructor(
    audienceOf: (topic: string) => readonly Inbox[],
    event: BusEvent,
    onOver: (aborted?: Aborted) => void,
  ) {
    this.#audienceOf = audienceOf;
    this.#event = event;
    this.#onOver = onOver;
  }

  advance(): void {
    const event = this.#event;
    for (const inbox of this.#audienceOf(event.topic)) {
      if (this.#offered.has(inbox) || !inbox.takesMore) continue;
      this.#offered.add(inbox);
      if (inbox.settings.isCritical) return this.#waitFor(inbox);
      inbox.offer(event);
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
