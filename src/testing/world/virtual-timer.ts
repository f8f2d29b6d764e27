import { AsyncLocalStorage } from 'node:async_hooks';
import { recordStack, type Stack } from './culprit.ts';
import type { World } from './world.ts';

/** Node makes longer delays, and those of less than a millisecond, 1 ms. */
const longestMs = 2 ** 31 - 1;

export function delayOf(ms: unknown): number {
  const delay = Number(ms);
  return delay >= 1 && delay <= longestMs ? Math.trunc(delay) : 1;
}

/** What `setTimeout` and its like return in a simulation: as `NodeJS.Timeout`, in virtual time. */
export class VirtualTimer {
  static readonly #byId = new Map<number, VirtualTimer>();
  static #ids = 0;
  readonly #world: World;
  readonly #run: () => void;
  readonly #ms: number;
  readonly #isRepeated: boolean;
  readonly #origin: { readonly what: string; readonly stack: Stack };
  #handle: unknown;
  #isRef = true;
  #id: number | undefined;

  constructor(world: World, what: string, run: () => void, ms: number, isRepeated = false) {
    this.#world = world;
    // What is thrown, and what is left behind, is traced back to who armed it.
    this.#run = AsyncLocalStorage.bind(() => guarded(run));
    this.#ms = ms;
    this.#isRepeated = isRepeated;
    this.#origin = { what, stack: recordStack(VirtualTimer) };
    this.#arm();
  }

  /** By what `clearTimeout` may be given: a timer, or the number that it turned into. */
  static find(handle: unknown): VirtualTimer | undefined {
    if (handle instanceof VirtualTimer) return handle;
    const id = typeof handle === 'string' ? Number(handle) : handle;
    return typeof id === 'number' ? VirtualTimer.#byId.get(id) : undefined;
  }

  close(): this {
    this.#disarm();
    return this;
  }

  ref(): this {
    return this.#setRef(true);
  }

  unref(): this {
    return this.#setRef(false);
  }

  hasRef(): boolean {
    return this.#isRef;
  }

  refresh(): this {
    this.#disarm();
    this.#arm();
    return this;
  }

  [Symbol.toPrimitive](): number {
    this.#id ??= ++VirtualTimer.#ids;
    VirtualTimer.#byId.set(this.#id, this);
    return this.#id;
  }

  [Symbol.dispose](): void {
    this.#disarm();
  }

  #setRef(isRef: boolean): this {
    if (this.#handle !== undefined && isRef !== this.#isRef) this.#count(isRef);
    this.#isRef = isRef;
    return this;
  }

  #arm(): void {
    this.#handle = this.#world.clock.setTimeout(() => {
      this.#disarm();
      if (this.#isRepeated) this.#arm();
      this.#run();
    }, this.#ms);
    if (this.#isRef) this.#world.timers.set(this, this.#origin);
    else this.#world.unrefTimers++;
  }

  #disarm(): void {
    if (this.#handle === undefined) return;
    this.#world.clock.clearTimeout(this.#handle);
    this.#handle = undefined;
    if (this.#isRef) this.#world.timers.delete(this);
    else this.#world.unrefTimers--;
    if (this.#id !== undefined) VirtualTimer.#byId.delete(this.#id);
  }

  #count(isRef: boolean): void {
    this.#world.unrefTimers += isRef ? -1 : 1;
    if (isRef) this.#world.timers.set(this, this.#origin);
    else this.#world.timers.delete(this);
  }
}

/** What a callback throws reaches the process, as it would from a real timer. */
function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    const tell = process.emit.bind(process) as (...args: unknown[]) => boolean;
    tell('uncaughtException', error, 'uncaughtException');
  }
}
