/** A job that runs in this system. */
export interface Running {
  readonly queue: string;
  readonly id: string;
  callOff(): void;
}

/** The jobs that run in this system, so that whoever calls one off here need not wait. */
export class Roster {
  readonly #running = new Map<string, Set<Running>>();

  add(job: Running): void {
    const key = keyOf(job);
    const jobs = this.#running.get(key) ?? new Set();
    this.#running.set(key, jobs);
    jobs.add(job);
  }

  remove(job: Running): void {
    const key = keyOf(job);
    const jobs = this.#running.get(key);
    jobs?.delete(job);
    if (jobs?.size === 0) this.#running.delete(key);
  }

  cancel(queue: string, id: string): void {
    for (const job of this.#running.get(keyOf({ queue, id })) ?? []) job.callOff();
  }
}

function keyOf({ queue, id }: { readonly queue: string; readonly id: string }): string {
  return `${queue} ${id}`;
}
