import type { BusEvent } from '../../define/bus.ts';
import type { AnyTopic } from '../../define/topic.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { takenError } from './errors.ts';
import { type Aborted, GatedEmission } from './gated.ts';
import { Inbox, type InboxInput, type Surroundings } from './inbox.ts';
import type { Party } from './party.ts';
import type { BusProbe } from './probe.ts';
import { Pump } from './pump.ts';

/** Subscriptions of one topic or pattern above which something is probably wrong. */
const manySubscribers = 100;
/** Names whose audience is remembered, and topics whose last value is kept. */
const mostNames = 10_000;
const mostKept = 1_000;

/** All subscriptions of a system, and who gets what. */
export class Switchboard {
  readonly #kernel: Kernel;
  readonly #around: Surroundings;
  readonly #inboxes = new Set<Inbox>();
  readonly #repliers = new Map<string, Inbox>();
  /** Who gets what is emitted under a name; forgotten with every change. */
  readonly #audiences = new Map<string, readonly Inbox[]>();
  readonly #kept = new Map<string, BusEvent>();
  readonly #counts = new Map<string, number>();
  #events = 0;
  #ids = 0;

  constructor(kernel: Kernel, probe: BusProbe | undefined) {
    this.#kernel = kernel;
    this.#around = { kernel, pump: new Pump(kernel.clock), probe };
  }

  /** @param payload what subscribers get: checked already */
  emit(party: Party, topic: AnyTopic, payload: unknown, onOver?: (error?: Error) => void): void {
    const event = this.eventOf(party, topic, payload);
    this.#around.probe?.emitted(party, event);
    const over = (aborted?: Aborted) => {
      if (aborted) this.#aborted(event, aborted);
      else if (topic.keep) this.#keep(event);
      onOver?.(aborted?.error);
    };
    const audience = this.audienceOf(topic.name);
    if (audience.some(({ settings }) => settings.isCritical)) {
      return new GatedEmission(event, audience, over).advance();
    }
    for (const inbox of audience) inbox.offer(event);
    over();
  }

  eventOf(party: Party, topic: AnyTopic, payload: unknown): BusEvent {
    return {
      id: ++this.#events,
      topic: topic.name,
      payload,
      time: this.#kernel.clock.now(),
      from: party.path,
      attempt: 1,
    };
  }

  subscribe(input: Omit<InboxInput, 'id'>): Inbox {
    const inbox = new Inbox({ ...input, id: ++this.#ids }, this.#around);
    const { interest, settings } = inbox;
    this.#inboxes.add(inbox);
    this.#audiences.clear();
    this.#count(inbox, 1);
    inbox.onEnd(() => {
      this.#inboxes.delete(inbox);
      this.#audiences.clear();
      this.#count(inbox, -1);
    });
    if (settings.replays) {
      for (const [name, event] of this.#kept) if (interest.matches(name)) inbox.offer(event);
    }
    return inbox;
  }

  /** @throws DARUMA_ALREADY_PRESENT */
  addReplier(input: Omit<InboxInput, 'id'>): Inbox {
    const { text } = input.interest;
    const holder = this.#repliers.get(text);
    if (holder) throw takenError(input.party.path, text, holder.party.path);
    const inbox = new Inbox({ ...input, id: ++this.#ids }, this.#around);
    this.#repliers.set(text, inbox);
    inbox.onEnd(() => this.#repliers.delete(text));
    return inbox;
  }

  replierOf(topic: string): Inbox | undefined {
    return this.#repliers.get(topic);
  }

  audienceOf(topic: string): readonly Inbox[] {
    const known = this.#audiences.get(topic);
    if (known) return known;
    const found = [...this.#inboxes]
      .filter(({ interest }) => interest.matches(topic))
      .sort((one, other) => other.settings.priority - one.settings.priority || one.id - other.id);
    if (this.#audiences.size >= mostNames) this.#audiences.clear();
    this.#audiences.set(topic, found);
    return found;
  }

  /** One for each topic; above so many, the one that has not changed for longest is forgotten. */
  #keep(event: BusEvent): void {
    this.#kept.delete(event.topic);
    this.#kept.set(event.topic, event);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
  }

  #aborted({ topic }: BusEvent, { by }: Aborted): void {
    this.#kernel.journal.record(undefined, { type: 'emission-aborted', topic, by });
  }

  /** Subscriptions are counted by what they name: a leak shows there. */
  #count({ party, interest }: Inbox, change: 1 | -1): void {
    const { text } = interest;
    const count = (this.#counts.get(text) ?? 0) + change;
    if (count === 0) this.#counts.delete(text);
    else this.#counts.set(text, count);
    if (change < 0 || count !== manySubscribers + 1) return;
    party.record({
      type: 'hint',
      text: `${text} has ${count} subscriptions; usual cause: subscribing again and again, without ending what was there.`,
    });
  }
}
