import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** What is written within this time is one change. */
const firstMs = 10;
/** A disk that takes longer than this is left to those who poll. */
const lastMs = 1_000;

/**
 * Says when the log of a SQLite file was written to, by whomever. What was written only counts once it
 * is on the disk, of which nobody tells: so it says so again and again, at longer and longer intervals,
 * for about two seconds. Where the operating system cannot tell, it never says anything. Keeps no
 * process up.
 */
export class FileWatch {
  readonly #onChange: () => void;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #nextMs = firstMs;

  constructor(file: string, onChange: () => void) {
    this.#onChange = onChange;
    const log = `${basename(file)}-wal`;
    try {
      this.#watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
        if (name === log) this.#note();
      });
      this.#watcher.on('error', () => this.close());
    } catch {
      // No more watches are to be had, or there is no such folder: whoever polls finds out later.
    }
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    clearTimeout(this.#timer);
  }

  #note(): void {
    this.#nextMs = firstMs;
    this.#arm();
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (!this.#watcher) return;
      this.#nextMs *= 2;
      if (this.#nextMs <= lastMs) this.#arm();
      this.#onChange();
    }, this.#nextMs).unref();
  }
}
