import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** What is written within this time is one change: somebody is asked, once. */
const settleMs = 10;
/** A commit is in the log before it counts: a slow disk comes in between. */
const slowDiskMs = 250;

/**
 * Says when the log of a SQLite file was written to, by whomever. Where the operating system cannot
 * tell, it never does. Keeps no process up.
 */
export class FileWatch {
  readonly #onChange: () => void;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #laterTimer: NodeJS.Timeout | undefined;

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
    clearTimeout(this.#laterTimer);
  }

  #note(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#watcher) this.#onChange();
    }, settleMs).unref();
    clearTimeout(this.#laterTimer);
    this.#laterTimer = setTimeout(() => {
      if (this.#watcher) this.#onChange();
    }, slowDiskMs).unref();
  }
}
