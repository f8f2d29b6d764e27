import { appendFileSync, renameSync, statSync } from 'node:fs';

const maxBytes = 4 * 1024;

/** A log that is renamed to `<path>.1` when it is full, as logrotate would: for tails to survive. */
export class RotatingLog {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  write(at: number, level: string, text: string): void {
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > maxBytes) renameSync(this.#path, `${this.#path}.1`);
    appendFileSync(this.#path, `${new Date(at).toISOString()} ${level} ${text}\n`);
  }
}
