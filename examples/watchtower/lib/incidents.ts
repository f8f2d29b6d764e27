/** Something that is wrong for longer than a moment. Times in milliseconds since the epoch. */
export interface Incident {
  /** What it is about: the name of a probe, `disk /`. There is one open incident a subject. */
  readonly subject: string;
  readonly reason: string;
  readonly openedAt: number;
  /** undefined while it is open. */
  readonly resolvedAt?: number;
}

/** Incidents that are open, and the latest of those that were. */
export class Incidents {
  readonly #open = new Map<string, Incident>();
  readonly #resolved: Incident[] = [];
  readonly #kept: number;

  /** @param kept how many resolved ones are remembered */
  constructor(kept = 20) {
    this.#kept = kept;
  }

  /** Opens one; undefined when one about this subject is open already. */
  open(subject: string, reason: string, at: number): Incident | undefined {
    if (this.#open.has(subject)) return undefined;
    const incident = { subject, reason, openedAt: at };
    this.#open.set(subject, incident);
    return incident;
  }

  /** Resolves the one about this subject; undefined when there is none. */
  resolve(subject: string, at: number): Incident | undefined {
    const open = this.#open.get(subject);
    if (!open) return undefined;
    const resolved = { ...open, resolvedAt: at };
    this.#open.delete(subject);
    this.#resolved.unshift(resolved);
    this.#resolved.splice(this.#kept);
    return resolved;
  }

  isOpen(subject: string): boolean {
    return this.#open.has(subject);
  }

  /** The oldest first. */
  get current(): readonly Incident[] {
    return [...this.#open.values()];
  }

  /** The latest first. */
  get resolved(): readonly Incident[] {
    return this.#resolved;
  }
}
