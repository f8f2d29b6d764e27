import type { JobProgress } from '../happenings/jobs.ts';
import type { Clock } from '../kernel/clock.ts';
import { progressOf } from '../services/tasks/progress.ts';
import type { ProgressReport } from '../services/tasks/types.ts';

/** Between two reports that are passed on, in milliseconds. */
const everyMs = 100;
const longestText = 1_000;

/** What a job says of how far it is: the first at once, then the latest ten times a second at most. */
export class ProgressLog {
  readonly #clock: Clock;
  readonly #pass: (text: string, progress: JobProgress) => void;
  #latest: JobProgress | undefined;
  #passedAt = Number.NEGATIVE_INFINITY;
  #timer: unknown;

  constructor(clock: Clock, pass: (text: string, progress: JobProgress) => void) {
    this.#clock = clock;
    this.#pass = pass;
  }

  note(report: ProgressReport): void {
    this.#latest = plain(report);
    if (this.#timer !== undefined) return;
    const waitMs = this.#passedAt + everyMs - this.#clock.monotonic();
    if (waitMs <= 0) return this.#passOn();
    this.#timer = this.#clock.setTimeout(() => this.#passOn(), waitMs);
  }

  /** Nothing is passed on any more. Returns what was not yet, as JSON. */
  close(): string | undefined {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    const isLeft = this.#timer !== undefined;
    this.#timer = undefined;
    return isLeft ? JSON.stringify(this.#latest) : undefined;
  }

  #passOn(): void {
    this.#timer = undefined;
    this.#passedAt = this.#clock.monotonic();
    const latest = this.#latest as JobProgress;
    this.#pass(JSON.stringify(latest), latest);
  }
}

/** What is there of it. */
function plain(report: ProgressReport): JobProgress {
  const { fraction, done, total, text } = progressOf(report);
  const numbers = Object.entries({ fraction, done, total }).filter(([, value]) =>
    Number.isFinite(value),
  );
  const words = text === undefined ? {} : { text: String(text).slice(0, longestText) };
  return { ...Object.fromEntries(numbers), ...words };
}
