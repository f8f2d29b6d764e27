import type { Request, Step } from '../../engine.ts';

/** How long what was seen is relied on, in milliseconds: others change it, too. */
const reliedOnForMs = 1_000;

/** When something in a queue is to be cleared away, on the clock of the server. */
export interface Prospect {
  readonly leaseEndsAt: number | null;
  readonly dueAt: number | null;
}

interface Seen extends Prospect {
  /** When. */
  readonly at: number;
  /** The last claim got as many as it asked for: the next one will hardly come to the end. */
  readonly isBusy: boolean;
}

/**
 * When the next lease of a queue ends and the next of its jobs is due, as this connection has seen it
 * at one of its last claims. Looking for what is lost or due costs the server more than a claim
 * itself, and mostly there is nothing. What others do meanwhile is noticed with the next look, at the
 * latest. The same goes for what is to be forgotten, in all queues together.
 */
export class Outlook {
  readonly #seen = new Map<string, Seen>();
  #clearedAt: number | undefined;

  note(queue: string, at: number, { leaseEndsAt, dueAt }: Prospect, isBusy: boolean): void {
    this.#seen.set(queue, { at, leaseEndsAt, dueAt, isBusy });
  }

  /** A claim that was not followed by a look: its leases may be the next to end. */
  noteClaim(queue: string, leaseUntil: number): void {
    const seen = this.#seen.get(queue);
    if (!seen) return;
    const leaseEndsAt = Math.min(seen.leaseEndsAt ?? leaseUntil, leaseUntil);
    this.#seen.set(queue, { ...seen, leaseEndsAt });
  }

  /** What was over for long enough is forgotten. */
  noteCleared(at: number): void {
    this.#clearedAt = at;
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

  mayHaveForgettable(now: number): boolean {
    return !isReliedOn(this.#clearedAt, now);
  }

  /** Whether nothing is to be known but the jobs that are picked: it is seldom that there are too few. */
  needsOnlyJobs(queue: string, now: number): boolean {
    const isBusy = this.#seen.get(queue)?.isBusy ?? false;
    return isBusy && !this.mayHaveLost(queue, now) && !this.mayHaveDue(queue, now);
  }

  #may(queue: string, now: number, what: keyof Prospect): boolean {
    const seen = this.#seen.get(queue);
    if (!seen || !isReliedOn(seen.at, now)) return true;
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

/** Not when the clock was set back. */
function isReliedOn(at: number | undefined, now: number): boolean {
  return at !== undefined && now >= at && now - at < reliedOnForMs;
}
