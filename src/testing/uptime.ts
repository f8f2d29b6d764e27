import type { LifecycleEvent } from '../events.ts';
import type { TreeInfo } from './tree-info.ts';

/** What happened to one service, or to one supervisor by its own decision. */
export interface PlaceRecord {
  downMs: number;
  restarts: number;
  /** Ends for ever while the system went on: temporary, stopped by `decide`, given up. */
  losses: number;
  escalations: number;
}

/**
 * Keeps the book of how long what was up, from lifecycle events, once everything has been up for the
 * first time. Up is ready, or done: a task that has returned is not missed.
 */
export class Uptime {
  readonly records: ReadonlyMap<string, PlaceRecord>;
  /** While anything at all was down. */
  anyDownMs = 0;
  /** While the whole system was down. */
  systemDownMs = 0;
  readonly #tree: TreeInfo;
  readonly #downSince = new Map<string, number>();
  readonly #isAsked = new Set<string>();
  #anySince: number | undefined = 0;
  #systemSince: number | undefined = 0;
  #hasBegun = false;

  constructor(tree: TreeInfo, paths: readonly string[]) {
    this.#tree = tree;
    this.records = new Map(
      [...tree.items.keys()].map((path) => [
        path,
        { downMs: 0, restarts: 0, losses: 0, escalations: 0 },
      ]),
    );
    for (const path of paths) this.#downSince.set(path, 0);
  }

  note(event: LifecycleEvent): void {
    const { type, path, at } = event;
    const record = this.records.get(path);
    switch (type) {
      case 'starting':
        this.#isAsked.delete(path);
        return;
      case 'ready':
      case 'ignored':
        return this.#up(path, at);
      case 'stop-requested':
        this.#isAsked.add(path);
        return this.#down(path, at);
      case 'ended':
        if (this.#isDone(event)) return;
        return this.#down(path, at);
      case 'suspended':
      case 'unstopped':
        return this.#down(path, at);
      case 'backoff':
        if (record) record.restarts++;
        return;
      case 'escalated':
        if (record) record.escalations++;
        return;
      case 'failed':
      case 'dropped':
        if (record && this.#downSince.has(path)) record.losses++;
        return;
      case 'phase':
        if (event.phase === 'running') this.#systemUp(at);
        else if (event.phase === 'stopping') this.systemDown(at);
    }
  }

  /** Closes the book. */
  finish(at: number): void {
    // What never came up was down all the time.
    this.#hasBegun = true;
    for (const path of [...this.#downSince.keys()]) this.#up(path, at);
    this.#systemUp(at);
  }

  /** The process is gone: nothing of it is up. */
  systemDown(at: number): void {
    this.#systemSince ??= at;
    this.#anySince ??= at;
  }

  #isDone({ path, ...event }: LifecycleEvent & { readonly type: 'ended' }): boolean {
    if (event.reason !== 'normal' || this.#isAsked.has(path)) return false;
    return this.#tree.specAt(path)?.restart !== 'permanent';
  }

  #up(path: string, at: number): void {
    const since = this.#downSince.get(path);
    if (since === undefined) return;
    this.#downSince.delete(path);
    (this.records.get(path) as PlaceRecord).downMs += at - since;
    this.#lookAtAll(at);
  }

  #down(path: string, at: number): void {
    if (this.#tree.get(path)?.spec.kind !== 'service' || this.#downSince.has(path)) return;
    this.#downSince.set(path, at);
    this.#anySince ??= at;
  }

  #systemUp(at: number): void {
    if (this.#systemSince === undefined) return;
    if (!this.#hasBegun) this.#begin(at);
    this.systemDownMs += at - this.#systemSince;
    this.#systemSince = undefined;
    this.#lookAtAll(at);
  }

  /** The first boot is no downtime. */
  #begin(at: number): void {
    this.#hasBegun = true;
    this.#systemSince = at;
    this.#anySince = at;
    for (const record of this.records.values()) record.downMs = 0;
    for (const path of this.#downSince.keys()) this.#downSince.set(path, at);
  }

  #lookAtAll(at: number): void {
    if (this.#downSince.size > 0 || this.#systemSince !== undefined) return;
    if (this.#anySince === undefined) return;
    this.anyDownMs += at - this.#anySince;
    this.#anySince = undefined;
  }
}
