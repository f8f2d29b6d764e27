import type { Clock } from '../kernel/clock.ts';
import { drainAsync, drainSync } from './drain.ts';
import { isBefore, type Timer, TimerHeap } from './timer-heap.ts';

/** Which of `count` timers that are due at the same instant goes first, from 0. */
export type Choose = (count: number) => number;

/**
 * A clock that only moves when it is told to. Timers fire in order of their time, those of the same
 * instant in the order in which they were armed, unless `choose` says otherwise; between two timers
 * everything that promises cause is run, so that each finds the world as it would be at its time.
 */
export class VirtualClock implements Clock {
  readonly #heap = new TimerHeap();
  readonly #epoch: number;
  #now = 0;
  #skew = 0;
  /** Wall milliseconds gained for each monotonic one, and since when. */
  #drift = 0;
  #driftSince = 0;
  #order = 0;
  #armed = 0;
  #steps = 0;
  /** @default the order in which they were armed */
  choose: Choose | undefined;
  /** Called before each timer fires; a simulation stops a livelock there. */
  onStep: (() => void) | undefined;
  /** How late a timer with a delay is: those of Node never fire early. @default not at all */
  lateness: (() => number) | undefined;

  /** @param epoch what `now()` says at virtual time 0, in milliseconds since the epoch */
  constructor(epoch = Date.UTC(2026, 0, 1)) {
    this.#epoch = epoch;
  }

  monotonic(): number {
    return this.#now;
  }

  now(): number {
    const drifted = (this.#now - this.#driftSince) * this.#drift;
    return Math.round(this.#epoch + this.#now + this.#skew + drifted);
  }

  /** Sets the time of day forward or back; the monotonic half goes on as if nothing had been. */
  jump(ms: number): void {
    this.#skew += ms;
  }

  /** From now on the time of day runs fast by so many parts of a million, or slow. */
  drift(ppm: number): void {
    this.#skew += (this.#now - this.#driftSince) * this.#drift;
    this.#drift = ppm / 1_000_000;
    this.#driftSince = this.#now;
  }

  setTimeout(fn: () => void, ms: number): unknown {
    const lateMs = ms > 0 ? (this.lateness?.() ?? 0) : 0;
    const at = this.#now + Math.max(0, ms) + lateMs;
    const timer: Timer = { at, order: this.#order++, fn, isCleared: false };
    this.#armed++;
    this.#heap.push(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    const timer = handle as Timer;
    if (timer.isCleared !== false) return;
    timer.isCleared = true;
    this.#armed--;
  }

  /** Takes back every timer but these. */
  clearAllBut(kept: ReadonlySet<unknown>): void {
    for (const timer of this.#heap.all) if (!kept.has(timer)) this.clearTimeout(timer);
  }

  /** Timers that are armed now. */
  get pendingTimers(): number {
    return this.#armed;
  }

  /** Timers that have fired so far. */
  get steps(): number {
    return this.#steps;
  }

  /** When the next timer is due; undefined when there is none. */
  get nextAt(): number | undefined {
    return this.#heap.first?.at;
  }

  /** Runs what is due at the present instant, promises and timers, until nothing is. */
  async settle(): Promise<void> {
    await drainAsync();
    while (this.fireNext(this.#now)) await drainAsync();
  }

  /** Moves time on, stopping at every timer on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (let at = this.nextAt; at !== undefined && at <= end; at = this.nextAt) {
      this.#now = Math.max(this.#now, at);
      await this.settle();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** `settle`, at once. Only from a macrotask: see `drainSync`. */
  settleSync(): void {
    drainSync();
    while (this.fireNext(this.#now)) drainSync();
  }

  /** `advance`, at once. Only from a macrotask: see `drainSync`. */
  advanceSync(ms: number): void {
    const end = this.#now + ms;
    this.settleSync();
    for (let at = this.nextAt; at !== undefined && at <= end; at = this.nextAt) {
      this.#now = Math.max(this.#now, at);
      this.settleSync();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** Moves to a moment without firing anything on the way: the event loop was blocked meanwhile. */
  stall(ms: number): void {
    this.#now += ms;
  }

  /** Fires the next timer that is due by `until`. Says whether there was one. */
  fireNext(until: number): boolean {
    const next = this.#takeNext(until);
    if (!next) return false;
    next.isCleared = true;
    this.#armed--;
    this.#steps++;
    this.onStep?.();
    next.fn();
    return true;
  }

  #takeNext(until: number): Timer | undefined {
    const first = this.#heap.first;
    if (!first || first.at > until) return undefined;
    if (!this.choose) return this.#heap.pop();
    const ties = [this.#heap.pop() as Timer];
    for (let next = this.#heap.first; next && next.at === first.at; next = this.#heap.first) {
      ties.push(this.#heap.pop() as Timer);
    }
    ties.sort((a, b) => (isBefore(a, b) ? -1 : 1));
    const index = ties.length === 1 ? 0 : this.choose(ties.length) % ties.length;
    const [chosen] = ties.splice(index, 1);
    for (const timer of ties) this.#heap.push(timer);
    return chosen;
  }
}
