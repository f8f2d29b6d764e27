import type { Request, Step } from '../../engine.ts';

/** How long what was seen is relied on, in milliseconds: others change it, too. */
const reliedOnForMs = 1_000;

/** When something in a queue is to be cleared away, on the clock of the server. */
export interface Prospect {
  readonly leaseEndsAt: number | null;
  readonly dueAt: number | null;
}

/**
 * When the next lease of a queue ends and the next of its jobs is due, as this connection has seen it
 * at its last claim. Looking for what is lost or due costs the server more than a claim itself, and
 * mostly there is nothing. What others do meanwhile is noticed with the next look, at the latest.
 */
export class Outlook {
  readonly #seen = new Map<string, Prospect & { readonly at: number }>();

  note(queue: string, at: number, { leaseEndsAt, dueAt }: Prospect): void {
    this.#seen.set(queue, { at, leaseEndsAt, dueAt });
  }

  forget(queue: string): void {
    this.#seen.delete(queue);
  }

  /** What has changed these times, of a group that was carried out. */
  forgetChanged(group: readonly Request[]): void {
    for (const { steps } of group) for (const step of steps) this.#forgetChangedBy(step);
  }

  mayHaveLost(queue: string, now: number): boolean {
    return this.#may(queue, now, 'leaseEndsAt');
  }

  mayHaveDue(queue: string, now: number): boolean {
    return this.#may(queue, now, 'dueAt');
  }

  #may(queue: string, now: number, what: keyof Prospect): boolean {
    const seen = this.#seen.get(queue);
    if (!seen || now < seen.at || now - seen.at >= reliedOnForMs) return true;
    const at = seen[what];
    return at !== null && at <= now;
  }

  #forgetChangedBy([name, args]: Step): void {
    if (name === 'jobs.add') {
      for (const { queue, dueAt } of args.jobs) if (dueAt !== null) this.forget(queue);
    } else if (name === 'jobs.settle' && args.settlement.type === 'retry') {
      this.forget(args.queue);
    }
  }
}
