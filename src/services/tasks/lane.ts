/** What stands in a lane: in one at a time. */
export interface Standing {
  /** Where, counted from the first that ever stood there. */
  place: number;
}

/** Holes that are let be. */
const fewHoles = 64;

/** First in, first out, with leaving from the middle: every step takes the same short time. */
export class Lane<Item extends Standing> {
  #items: (Item | undefined)[] = [];
  #head = 0;
  /** What `place` of the first slot is. */
  #base = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Item | undefined {
    while (this.#head < this.#items.length) {
      const item = this.#items[this.#head];
      if (item) return item;
      this.#head++;
    }
    return undefined;
  }

  add(item: Item): void {
    item.place = this.#base + this.#items.length;
    this.#items.push(item);
    this.#size++;
  }

  /** Returns whether it stood here. */
  remove(item: Item): boolean {
    const index = item.place - this.#base;
    if (this.#items[index] !== item) return false;
    this.#items[index] = undefined;
    this.#size--;
    if (this.#items.length - this.#size > this.#size + fewHoles) this.#closeUp();
    return true;
  }

  #closeUp(): void {
    const items = this.#items.filter((item) => item !== undefined);
    this.#items = [];
    this.#head = 0;
    this.#base = 0;
    this.#size = 0;
    for (const item of items) this.add(item);
  }
}
