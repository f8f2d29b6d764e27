import type { Request, Step } from '../engine.ts';
import { queuesOf } from '../watchers.ts';
import { endsAlone } from './jobs/settling.ts';

/** Between hints that are only about ends, in milliseconds: who waits for one looks no more often. */
const leastMs = 50;

/**
 * Tells other processes which queues were touched. A hint: it is sent behind the commit and not in
 * the transaction, as notifications make the commits of all processes wait for each other.
 *
 * Where there may be something to be claimed, at once. That a job has ended is of use only to those who
 * wait for just that: they are told soon, and of many ends together, as each hint takes the server as
 * long as the end of a job, and wakes up everybody who listens.
 */
export class Notifier {
  readonly #send: (queues: readonly string[]) => void;
  readonly #untold = new Set<string>();
  #sentAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (queues: readonly string[]) => void) {
    this.#send = send;
  }

  /** Of a group whose commit is under way. */
  tell(group: readonly Request[]): void {
    let isUrgent = false;
    for (const { steps } of group) {
      for (const step of steps) {
        for (const queue of queuesOf(step)) {
          this.#untold.add(queue);
          isUrgent ||= !isMereEnd(step);
        }
      }
    }
    const waitMs = isUrgent ? 0 : this.#sentAt + leastMs - performance.now();
    if (waitMs <= 0) this.flush();
    else if (this.#untold.size > 0) this.#timer ??= setTimeout(() => this.flush(), waitMs).unref();
  }

  /** What is still to be told, now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#untold.size === 0) return;
    const queues = [...this.#untold];
    this.#untold.clear();
    this.#sentAt = performance.now();
    this.#send(queues);
  }
}

function isMereEnd([name, args]: Step): boolean {
  return name === 'jobs.settle' && endsAlone(args);
}
