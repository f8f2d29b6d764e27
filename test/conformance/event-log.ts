import type { LifecycleEvent } from '../../src/index.ts';
import { type EventName, eventNames } from './vocabulary.ts';

type Of<Type> = Extract<LifecycleEvent, { readonly type: Type }>;

const words: readonly string[] = eventNames;

/** The events that the vocabulary knows, in their order. */
export class EventLog {
  readonly #events: Of<EventName>[] = [];
  #marked = 0;

  readonly record = (event: LifecycleEvent): void => {
    if (words.includes(event.type)) this.#events.push(event as Of<EventName>);
  };

  mark(): void {
    this.#marked = this.#events.length;
  }

  /** `event path` of what happened since the latest mark. */
  get sinceMark(): string[] {
    return this.#events.slice(this.#marked).map(entryOf);
  }

  of<Type extends EventName>(type: Type, path?: string): Of<Type>[] {
    return this.#events.filter(
      (event): event is Of<Type> =>
        event.type === type && (path === undefined || event.path === path),
    );
  }

  /** For people: every event with its time, and where the mark is. */
  lines(): string[] {
    const lines = this.#events.map(
      (event) => `${String(event.at).padStart(7)} ms  ${entryOf(event)}${detailOf(event)}`,
    );
    if (this.#marked > 0) lines.splice(this.#marked, 0, '           -- mark --');
    return lines;
  }
}

function entryOf(event: LifecycleEvent): string {
  return `${event.type} ${event.path}`;
}

function detailOf(event: Of<EventName>): string {
  if (event.type === 'backoff') return `  (${event.delayMs} ms)`;
  return event.type === 'ended' ? `  (${event.reason})` : '';
}
