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
