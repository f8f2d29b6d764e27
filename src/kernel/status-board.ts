/** Who wants to know when the status at a path changes. Costs nothing where nobody does. */
export class StatusBoard {
  readonly #watchers = new Map<string, Set<() => void>>();

  /** Returns the function that ends the watch. */
  watch(path: string, callback: () => void): () => void {
    const watchers = this.#watchers.get(path) ?? new Set();
    this.#watchers.set(path, watchers.add(callback));
    return () => {
      watchers.delete(callback);
      if (watchers.size === 0 && this.#watchers.get(path) === watchers) this.#watchers.delete(path);
    };
  }

  /** Something changed at a path; what is below may show another status for it too. */
  changed(path: string): void {
    if (this.#watchers.size === 0) return;
    for (const [watched, watchers] of [...this.#watchers]) {
      if (watched !== path && !watched.startsWith(`${path}/`)) continue;
      for (const callback of [...watchers]) if (watchers.has(callback)) callback();
    }
  }
}
