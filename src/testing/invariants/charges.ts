import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import type { Of } from './place.ts';

/**
 * One charged restart. When its culprit came down is known up to the time between the last event of
 * that and the decision: where something was slow, no more than these bounds are certain.
 */
export interface Charge {
  readonly event: Of<'backoff'>;
  readonly from: number;
  readonly to: number;
}

/** The restarts that each incarnation of a supervisor was charged. */
export class Charges {
  readonly #book: Book;
  readonly #byParent = new Map<string, Charge[]>();

  constructor(book: Book) {
    this.#book = book;
  }

  /** Call it before the event is in the book. Returns the charge, where the event is one. */
  take(event: TraceEvent): Charge | undefined {
    if (event.type === 'starting') this.#byParent.delete(event.path);
    if (event.type !== 'backoff') return undefined;
    const charge = { event, ...this.#downOf(event) };
    const { parent } = this.#book.place(event.path);
    const charges = this.#byParent.get(parent) ?? [];
    this.#byParent.set(parent, charges);
    charges.push(charge);
    return charge;
  }

  of(parent: string): readonly Charge[] {
    return this.#byParent.get(parent) ?? [];
  }

  /** When the culprit of this event came down, as closely as the trace tells. */
  #downOf(event: TraceEvent): { from: number; to: number } {
    const { over } = this.#book.place(event.path);
    return { from: over?.at ?? event.at, to: event.at };
  }

  /** Charges that surely, and that possibly, lie in the period before `end` and at it. */
  within(
    parent: string,
    end: { readonly from: number; readonly to: number },
    periodMs: number,
  ): { readonly surely: Charge[]; readonly possibly: Charge[] } {
    const charges = this.of(parent);
    return {
      surely: charges.filter(({ from }) => from >= end.to - periodMs),
      possibly: charges.filter(({ to }) => to >= end.from - periodMs),
    };
  }
}

/** The budget of the supervisor of a culprit; what the spec leaves open is what the event says. */
export function budgetOf(
  book: Book,
  event: { readonly intensity: number; readonly periodMs: number },
  parent: string,
): { readonly intensity: number; readonly periodMs: number } {
  const spec = book.spec(parent);
  if (spec?.kind !== 'supervisor') return event;
  return { intensity: spec.intensity ?? event.intensity, periodMs: spec.periodMs };
}
