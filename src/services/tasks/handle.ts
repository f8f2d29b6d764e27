import type { Entry } from './entry.ts';
import type { TaskHandle, TaskStatus } from './types.ts';

/** Who can ask a task to stop. */
export interface Stopper {
  stop(entry: Entry): Promise<TaskStatus>;
}

/** Points at one accepted task, whatever is submitted under its id later. */
export class Handle implements TaskHandle {
  readonly #stopper: Stopper;
  readonly #entry: Entry;

  constructor(stopper: Stopper, entry: Entry) {
    this.#stopper = stopper;
    this.#entry = entry;
  }

  get id(): string {
    return this.#entry.id;
  }

  get result(): Promise<unknown> {
    return this.#entry.outcome;
  }

  status(): TaskStatus {
    return this.#entry.status;
  }

  wait(): Promise<TaskStatus> {
    return this.#entry.over;
  }

  cancel(): Promise<TaskStatus> {
    return this.#stopper.stop(this.#entry);
  }
}
