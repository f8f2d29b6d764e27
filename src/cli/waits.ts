import type { LifecycleEvent, WaitingFor } from '../events.ts';

/** Something that is on its way up or down. Times in milliseconds. */
export interface Wait {
  readonly path: string;
  readonly kind: 'waiting' | 'starting' | 'backoff' | 'draining' | 'stopping';
  /** On the system's monotonic clock. */
  readonly since: number;
  /** What a stop may take, or the delay before a restart; null: no limit. */
  readonly limitMs: number | null;
  /** What it waits for, while it has no incarnation. */
  readonly for: readonly WaitingFor[];
  /** Of a restart: which of the series, and what it failed of. */
  readonly attempt: number;
  readonly because: string | undefined;
}

/** Keeps the book of what a start or a stop still waits for, from the lifecycle events. */
export class Waits {
  readonly #waits = new Map<string, Wait>();

  note(event: LifecycleEvent): void {
    switch (event.type) {
      case 'waiting':
      case 'suspended':
        return this.#set(event, 'waiting', { for: event.for });
      case 'starting':
        return this.#set(event, 'starting', { attempt: event.attempt });
      case 'backoff':
        return this.#set(event, 'backoff', {
          limitMs: event.delayMs,
          attempt: event.attempt,
          because: event.error?.message,
        });
      case 'draining':
        return this.#set(event, 'draining', {});
      case 'stop-requested':
        return this.#set(event, 'stopping', { limitMs: event.limitMs });
      case 'ready':
      case 'ignored':
      case 'start-failed':
      case 'drained':
      case 'ended':
      case 'unstopped':
      case 'stopped':
      case 'failed':
      case 'dropped':
        this.#waits.delete(event.path);
    }
  }

  /** What everything else waits for, the oldest first: never something with a wait inside it. */
  innermost(...kinds: readonly Wait['kind'][]): Wait[] {
    const above = new Set<string>();
    for (const { path } of this.#waits.values()) {
      for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
        above.add(path.slice(0, end));
      }
    }
    const found = [...this.#waits.values()].filter(
      ({ path, kind }) => kinds.includes(kind) && !above.has(path),
    );
    return found.sort((a, b) => a.since - b.since);
  }

  /** The paths that wait for this one, as a need or as an earlier sibling. */
  waitingFor(path: string): string[] {
    const waiting = [...this.#waits.values()].filter(
      (wait) => wait.kind === 'waiting' && wait.for.some((each) => each.path === path),
    );
    return waiting.map((wait) => wait.path);
  }

  #set(event: LifecycleEvent, kind: Wait['kind'], rest: Partial<Wait>): void {
    const { path, at } = event;
    const none = { limitMs: null, for: [], attempt: 0, because: undefined };
    this.#waits.set(path, { ...none, path, kind, since: at, ...rest });
  }
}
