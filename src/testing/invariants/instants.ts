import type { Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';

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
 * Violations that something later at the same instant may excuse: a supervisor that goes down by its
 * own decision says so after it has begun to ask its items.
 */
export class Suspicions {
  #held: { readonly violation: Violation; readonly isExcused: () => boolean }[] = [];

  add(violation: Violation | undefined, isExcused: () => boolean): void {
    if (violation) this.#held.push({ violation, isExcused });
  }

  /** The first that nothing has excused by the time that time has moved on to `now`. */
  take(now: number): Violation | undefined {
    if (this.#held.length === 0) return undefined;
    // At once: a supervisor that went down may be up again within the same instant.
    this.#held = this.#held.filter(({ isExcused }) => !isExcused());
    const judged = this.#held.filter(({ violation }) => violation.at < now);
    this.#held = this.#held.filter(({ violation }) => violation.at >= now);
    return judged[0]?.violation;
  }

  /** All that is left at the end. */
  rest(): Violation[] {
    return this.#held.flatMap(({ violation, isExcused }) => (isExcused() ? [] : [violation]));
  }
}
