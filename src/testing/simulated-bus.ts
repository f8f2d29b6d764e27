import type { BusEvent } from '../define/bus.ts';
import type { Entry } from '../services/bus/backlog.ts';
import type { Inbox } from '../services/bus/inbox.ts';
import type { Party } from '../services/bus/party.ts';
import type { BusProbe } from '../services/bus/probe.ts';
import type { SimulationHappening } from './trace.ts';

type BusNote = Extract<SimulationHappening, { readonly type: 'bus' }>;

/** What a simulated bus takes from its simulation. */
export interface BusStage {
  readonly now: number;
  /** Calls back after so many virtual milliseconds. */
  later(ms: number, step: () => void): void;
  note(note: BusNote, path: string, incarnation: number): void;
}

/** The process that something happens in. One that was killed does nothing any more. */
interface Life {
  readonly isKilled: boolean;
}

/** What happens to the next calls of handlers, or to the next events of a mailbox. */
type BusFault = 'throws' | 'hangs' | 'overflow';

/** How an injected failure of a handler begins, and whose it is. */
export function injectedBy(path: string): string {
  return `injected: a handler of ${path} throws`;
}

/**
 * Looks at everything that the bus does, and puts it on record, so that invariants can judge order
 * and ends; bends the handlers of those that faults strike.
 */
export class SimulatedBus implements BusProbe {
  readonly #stage: BusStage;
  /** How many more, by fault and path. */
  readonly #left = new Map<string, number>();
  readonly #slow = new Map<string, { readonly until: number; readonly delayMs: number }>();
  readonly #keys = new WeakMap<Inbox, Map<unknown, number>>();

  constructor(stage: BusStage) {
    this.#stage = stage;
  }

  // For faults.

  strike(fault: BusFault, path: string, count: number): void {
    const key = `${fault} ${path}`;
    this.#left.set(key, (this.#left.get(key) ?? 0) + count);
  }

  slowDown(path: string, ms: number, delayMs: number): void {
    this.#slow.set(path, { until: this.#stage.now + ms, delayMs });
  }

  /** What it sees of the bus of one process. */
  within(life: Life): BusProbe {
    return {
      emitted: (party, event) => {
        if (!life.isKilled) this.emitted(party, event);
      },
      handle: (inbox, entry, call) =>
        life.isKilled ? new Promise(() => {}) : this.handle(inbox, entry, call),
      over: (inbox, entry, error) => {
        if (!life.isKilled) this.over(inbox, entry, error);
      },
      isFull: (inbox) => this.isFull(inbox),
    };
  }

  // For the bus.

  emitted({ path, incarnation }: Party, { topic, id }: BusEvent): void {
    const rest = { subscription: null, key: null, attempt: 1, error: null };
    this.#stage.note({ type: 'bus', did: 'emitted', topic, event: id, ...rest }, path, incarnation);
  }

  handle(inbox: Inbox, entry: Entry, call: () => unknown): unknown {
    this.#note(inbox, entry, 'begun', null);
    const { path } = inbox.party;
    if (this.#strikes('throws', path)) throw new Error(injectedBy(path));
    if (this.#strikes('hangs', path)) return new Promise(() => {});
    const slow = this.#slow.get(path);
    if (!slow || slow.until <= this.#stage.now) return call();
    return new Promise<void>((go) => this.#stage.later(slow.delayMs, go)).then(call);
  }

  over(inbox: Inbox, entry: Entry, error: unknown): void {
    const message = error instanceof Error ? error.message : null;
    this.#note(inbox, entry, error === undefined ? 'handled' : 'failed', message);
  }

  isFull({ party }: Inbox): boolean {
    return this.#strikes('overflow', party.path);
  }

  #strikes(fault: BusFault, path: string): boolean {
    const key = `${fault} ${path}`;
    const left = this.#left.get(key) ?? 0;
    if (left > 0) this.#left.set(key, left - 1);
    return left > 0;
  }

  #note(inbox: Inbox, entry: Entry, did: BusNote['did'], error: string | null): void {
    const { topic, id, attempt } = entry.event;
    const { path, incarnation } = inbox.party;
    const key = entry.hasKey ? this.#keyNumber(inbox, entry.key) : null;
    this.#stage.note(
      { type: 'bus', did, topic, event: id, subscription: inbox.id, key, attempt, error },
      path,
      incarnation,
    );
  }

  /** A key may be anything; in a trace it is a number. */
  #keyNumber(inbox: Inbox, key: unknown): number {
    const known = this.#keys.get(inbox) ?? new Map<unknown, number>();
    this.#keys.set(inbox, known);
    const number = known.get(key) ?? known.size;
    known.set(key, number);
    return number;
  }
}
