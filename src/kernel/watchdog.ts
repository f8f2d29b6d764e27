import { watchdogError } from './failures.ts';
import type { Kernel } from './kernel.ts';
import type { TreeNode } from './node.ts';

/** The incarnation that is watched. */
export interface Watched {
  readonly node: TreeNode;
  fail(error: unknown): void;
}

/**
 * Fails a service that makes no progress: `beat` has to come at least every `limitMs`, counted from
 * ready. A timer that is itself late by more than half a limit shows that the event loop was
 * blocked, so that everybody is late: then the service gets one more period.
 */
export class Watchdog {
  readonly #kernel: Kernel;
  readonly #watched: Watched;
  readonly #limitMs: number;
  #lastBeat: number;
  #timer: unknown;

  constructor(kernel: Kernel, watched: Watched, limitMs: number) {
    this.#kernel = kernel;
    this.#watched = watched;
    this.#limitMs = limitMs;
    this.#lastBeat = kernel.clock.monotonic();
    this.#arm(this.#lastBeat + limitMs);
  }

  beat(): void {
    this.#lastBeat = this.#kernel.clock.monotonic();
  }

  stop(): void {
    this.#kernel.clock.clearTimeout(this.#timer);
  }

  #arm(due: number): void {
    const { clock } = this.#kernel;
    this.#timer = clock.setTimeout(() => this.#look(due), Math.max(0, due - clock.monotonic()));
  }

  #look(due: number): void {
    const now = this.#kernel.clock.monotonic();
    const { journal } = this.#kernel;
    const { node } = this.#watched;
    const nextDue = this.#lastBeat + this.#limitMs;
    if (now < nextDue) return this.#arm(nextDue);
    const latenessMs = now - due;
    if (latenessMs > this.#limitMs / 2) {
      journal.record(node, { type: 'loop-blocked', blockedMs: latenessMs });
      return this.#arm(now + this.#limitMs);
    }
    const sinceBeatMs = now - this.#lastBeat;
    journal.record(node, { type: 'overdue', limitMs: this.#limitMs, sinceBeatMs });
    this.#watched.fail(watchdogError(node, this.#limitMs, sinceBeatMs));
  }
}
