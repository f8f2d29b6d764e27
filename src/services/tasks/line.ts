import { type Candidate, nextTurn } from '../../../actors/rules/turns.ts';
import { Lane, type Standing } from './lane.ts';

/** Whoever waits for a turn. */
export interface Waiting extends Standing, Candidate {}

/** Those who wait for a turn: a lane for each priority, and the fairest of their heads goes next. */
export class Line<Item extends Waiting> {
  readonly #lanes = new Map<number, Lane<Item>>();
  readonly #ageingMs: number;
  #size = 0;

  /** @param ageingMs how long a wait is worth one priority */
  constructor(ageingMs: number) {
    this.#ageingMs = ageingMs;
  }

  get size(): number {
    return this.#size;
  }

  add(item: Item): void {
    let lane = this.#lanes.get(item.priority);
    if (!lane) {
      lane = new Lane();
      this.#lanes.set(item.priority, lane);
    }
    lane.add(item);
    this.#size++;
  }

  remove(item: Item): void {
    const lane = this.#lanes.get(item.priority);
    if (!lane?.remove(item)) return;
    this.#size--;
    if (lane.size === 0) this.#lanes.delete(item.priority);
  }

  /** Takes the one whose turn it is out of the line. */
  take(): Item | undefined {
    const next = nextTurn(this.#heads(), this.#ageingMs);
    if (next) this.remove(next);
    return next;
  }

  *#heads(): Generator<Item> {
    for (const lane of this.#lanes.values()) if (lane.first) yield lane.first;
  }
}
