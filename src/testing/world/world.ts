import { AsyncLocalStorage } from 'node:async_hooks';
import { currentOwner } from '../../kernel/attribution.ts';
import { type Random, seededRandom } from '../../kernel/random.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { culpritIn, recordStack, type Stack } from './culprit.ts';

/** Something that left a simulation: a real timer, socket, file or process. */
export interface Escape {
  /** What it used. */
  readonly what: string;
  /** `file:line` of whoever did: of the user's code where that is on the stack, else of a package. */
  readonly line: string | undefined;
  /** The service in whose name it ran; undefined: in nobody's. */
  readonly path: string | undefined;
  readonly incarnation: number;
}

export interface WorldOptions {
  readonly clock: VirtualClock;
  readonly seed: number;
  /** Whether the global functions for time and chance belong to the simulation. */
  readonly hasGlobals: boolean;
  /** Whether reading the real time or drawing from real chance is an escape as well. */
  readonly isStrict: boolean;
}

/** Keeps the numbers of global functions apart from those of `ctx.random()`. */
const offset = 0x5eed;

/**
 * What a simulated run has in place of the world: its time, its chance, and the record of what went
 * past both. Code belongs to the world in which it was called, across promises and timers.
 */
export class World {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly hasGlobals: boolean;
  readonly isStrict: boolean;
  /** Told of every escape as it happens; those from before are kept for it. */
  #onEscape: ((escaped: Escape) => void) | undefined;
  readonly #escapes = new Map<string, Escape>();
  /** Timers that are armed and would not keep a process alive. */
  unrefTimers = 0;
  /** Timers of global functions that are armed, with the stacks of who armed them. */
  readonly timers = new Map<object, { readonly what: string; readonly stack: Stack }>();

  constructor({ clock, seed, hasGlobals, isStrict }: WorldOptions) {
    this.clock = clock;
    this.random = seededRandom(seed + offset);
    this.hasGlobals = hasGlobals;
    this.isStrict = isStrict;
  }

  get escapes(): readonly Escape[] {
    return [...this.#escapes.values()];
  }

  set onEscape(tell: (escaped: Escape) => void) {
    this.#onEscape = tell;
    for (const escaped of this.escapes) tell(escaped);
  }

  /** Puts an escape on record, the same from the same line once. What Daruma itself does is none. */
  escape(what: string, stack: Stack = recordStack(this.escape)): void {
    const culprit = culpritIn(stack);
    if (culprit.kind === 'daruma') return;
    // What goes on inside Node is the consequence of something that was seen.
    if (culprit.kind === 'node' && this.#escapes.size > 0) return;
    const { path, incarnation = 0 } = currentOwner()?.place ?? {};
    const { line } = culprit;
    const key = `${what} ${line} ${path}`;
    if (this.#escapes.has(key)) return;
    const escaped = { what, line, path, incarnation };
    this.#escapes.set(key, escaped);
    this.#onEscape?.(escaped);
  }

  /** Nothing that was armed so far will fire: whoever armed it is gone. */
  forgetTimers(): void {
    this.timers.clear();
    this.unrefTimers = 0;
  }

  /** Where the timers were armed that are still there. */
  get leaks(): readonly string[] {
    return [...this.timers.values()].map(({ what, stack }) => {
      const culprit = culpritIn(stack);
      return culprit.kind === 'user' ? `${what} at ${culprit.line}` : what;
    });
  }
}

const worlds = new AsyncLocalStorage<World | undefined>();

/** The world that the code belongs to which is running now; undefined: the real one. */
export function currentWorld(): World | undefined {
  return worlds.getStore();
}

/** The world whose time and chance global functions have for whoever calls; undefined: the real. */
export function virtualWorld(): World | undefined {
  const world = currentWorld();
  return world?.hasGlobals ? world : undefined;
}

/** The same for what nothing but a replacement sees: reading a clock, drawing a number. */
export function virtualWorldFor(what: string): World | undefined {
  const world = currentWorld();
  if (world?.hasGlobals) return world;
  if (world?.isStrict) world.escape(what);
  return undefined;
}

/** Calls such that what is called, and all that comes of it, belongs to a world. */
export function within<Result>(world: World, call: () => Result): Result {
  return worlds.run(world, call);
}

/** Calls in the real world: what a simulation does to go on is no part of it. */
export function outside<Result>(call: () => Result): Result {
  return worlds.run(undefined, call);
}
