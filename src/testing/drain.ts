import { outside } from './world/world.ts';

/** The real one, whatever a simulation puts in its place. */
const { setImmediate: nextTurn } = globalThis;

/**
 * Lets everything run that settled promises cause, to exhaustion: there is no number of ticks that
 * is always enough.
 */
export function drainAsync(): Promise<void> {
  return new Promise((resolve) => outside(() => nextTurn(resolve)));
}

type TickCallback = () => void;

const tickCallback = (process as unknown as { _tickCallback?: TickCallback })._tickCallback;

/** Whether this Node can drain at once; a simulation falls back to `drainAsync` where not. */
export const canDrainSync = typeof tickCallback === 'function';

/**
 * The same at once, twenty times faster. Works only when called from a macrotask that has not
 * awaited anything: inside a microtask the queue that is to be drained is already being drained.
 */
export function drainSync(): void {
  tickCallback?.call(process);
}
