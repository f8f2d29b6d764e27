import type { Entry } from './entry.ts';
import type { TaskHandle, TaskStatus } from './types.ts';

/** Who can ask a task to stop. */
export interface Stopper {
  stop(entry: Entry): Promise<TaskStatus>;
}

/** Points at one accepted task, whatever is submitted under its id later. */
export class Handle<Result> implements TaskHandle<Result> {
  readonly #stopper: Stopper;
  readonly #entry: Entry;

  constructor(stopper: Stopper, entry: Entry) {
    this.#stopper = stopper;
    this.#entry = entry;
  }

  get id(): string {
    return this.#entry.id;
  }

  get result(): Promise<Result> {
    return this.#entry.outcome as Promise<Result>;
  }

  status(): TaskStatus<Result> {
    return this.#entry.status as TaskStatus<Result>;
  }

  wait(): Promise<TaskStatus<Result>> {
    return this.#entry.over as Promise<TaskStatus<Result>>;
  }

  cancel(): Promise<TaskStatus<Result>> {
    return this.#stopper.stop(this.#entry) as Promise<TaskStatus<Result>>;
  }
}
