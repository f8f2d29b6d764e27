import type { Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';

/** Something that has to have happened before time moves on past `by`. */
export interface Debt {
  readonly by: number;
  readonly since: TraceEvent;
}

/** What is owed, by path; what is still owed when time has moved on was not paid. */
export class Debts<Owed extends Debt> {
  readonly #owed = new Map<string, Owed>();
  #next = Number.POSITIVE_INFINITY;

  owe(path: string, debt: Owed): void {
    this.#owed.set(path, debt);
    this.#next = Math.min(this.#next, debt.by);
  }

  pay(path: string): void {
    this.#owed.delete(path);
  }

  get(path: string): Owed | undefined {
    return this.#owed.get(path);
  }

  /** Takes out what should have been paid before `now`. */
  overdue(now: number): [path: string, debt: Owed][] {
    if (now <= this.#next || this.#owed.size === 0) return [];
    const overdue = [...this.#owed].filter(([, { by }]) => by < now);
    for (const [path] of overdue) this.#owed.delete(path);
    this.#next = Math.min(Number.POSITIVE_INFINITY, ...[...this.#owed.values()].map((d) => d.by));
    return overdue;
  }
}

/**
 * Looks at the book whenever an instant is over: just before the first event of a later one. Where
 * timers are late no instant is ever over for sure.
 */
export function whenInstantsEnd(
  book: Book,
  look: (at: number, next: number) => Violation | undefined,
): (event: TraceEvent) => Violation | undefined {
  return (event) =>
    event.at > book.now && book.slackMs === 0 && !book.cutOff
      ? look(book.now, event.at)
      : undefined;
}

/**
 * Violations that something later at the same instant may excuse: a supervisor that goes down by its
 * own decision says so after it has begun to ask its items. An excuse counts even if it is gone again
 * by the end of the instant, as when that supervisor is back at once.
 */
export class Suspicions {
  #held: { readonly violation: Violation; readonly isExcused: () => boolean }[] = [];

  add(violation: Violation | undefined, isExcused: () => boolean): void {
    if (violation) this.#held.push({ violation, isExcused });
  }

  /**
   * The first that nothing has excused by the time that time has moved on to `now`. To be called with
   * every event.
   */
  take(now: number): Violation | undefined {
    if (this.#held.length === 0) return undefined;
    const suspected = this.#held.filter(({ isExcused }) => !isExcused());
    this.#held = suspected.filter(({ violation }) => violation.at >= now);
    return suspected.find(({ violation }) => violation.at < now)?.violation;
  }

  /** All that is left at the end. */
  rest(): Violation[] {
    return this.#held.flatMap(({ violation, isExcused }) => (isExcused() ? [] : [violation]));
  }
}
