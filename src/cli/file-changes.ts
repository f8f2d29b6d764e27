import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Editors write a file in several steps; a change is told when they have been quiet this long. */
const settleMs = 80;

/**
 * Tells of changes to files. It watches their folders, because many editors replace a file instead
 * of writing to it, and compares times, because a folder reports more than changes.
 */
export class FileChanges {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #known = new Map<string, string>();
  readonly #onChange: (path: string) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param onChange is told the file that changed last */
  constructor(onChange: (path: string) => void) {
    this.#onChange = onChange;
  }

  add(path: string): void {
    if (this.#known.has(path)) return;
    this.#known.set(path, stateOf(path));
    const folder = dirname(path);
    if (this.#watchers.has(folder)) return;
    const watcher = watch(folder, (_event, name) => this.#look(folder, name));
    // A folder that is removed takes its watcher with it; the run says what is missing.
    watcher.on('error', () => this.#watchers.delete(folder));
    this.#watchers.set(folder, watcher);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
  }

  #look(folder: string, name: string | null): void {
    const paths = name === null ? this.#knownIn(folder) : [join(folder, basename(name))];
    for (const path of paths) if (this.#hasChanged(path)) this.#tell(path);
  }

  #knownIn(folder: string): string[] {
    return [...this.#known.keys()].filter((path) => dirname(path) === folder);
  }

  #hasChanged(path: string): boolean {
    const before = this.#known.get(path);
    if (before === undefined) return false;
    const state = stateOf(path);
    if (state === before) return false;
    this.#known.set(path, state);
    // It was removed to be replaced: its successor is the change.
    return state !== 'gone';
  }

  #tell(path: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onChange(path), settleMs);
  }
}

function stateOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.mtimeMs} ${found.size} ${found.ino}` : 'gone';
}
