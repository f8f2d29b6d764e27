import type { Clock } from './clock.ts';
import type { Scope } from './scope.ts';

/** Something of which every context has its part: `ctx.storage` is the part of the storage. */
export interface Facility {
  /** The part of an incarnation, or of a piece of its work; made when it is first touched. */
  partOf(scope: Scope): unknown;
  /** Called once, when the tree is down. undefined: there is nothing to wait for. */
  close?(limitMs: number): Promise<void> | undefined;
}

/** By the name that it has on the context. */
export type Facilities = Readonly<Record<string, Facility>>;

/**
 * Closes all, the last first, together within a limit. undefined: done at once. `onError` hears of
 * every one that failed or took too long; never rejects.
 */
export function closeFacilities(
  facilities: Facilities,
  clock: Clock,
  limitMs: number,
  onError: (error: unknown) => void,
): Promise<void> | undefined {
  const closing = Object.entries(facilities)
    .reverse()
    .flatMap(([name, facility]) => {
      const closed = closeOne(facility, limitMs, onError);
      return closed ? [{ name, closed }] : [];
    });
  if (closing.length === 0) return undefined;
  const open = new Set(closing.map(({ name }) => name));
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => {
      onError(new Error(`${[...open].join(' and ')} did not close within ${limitMs} ms.`));
      resolve();
    }, limitMs);
    for (const { name, closed } of closing) {
      void closed.catch(onError).then(() => {
        open.delete(name);
        if (open.size > 0) return;
        clock.clearTimeout(timer);
        resolve();
      });
    }
  });
}

function closeOne(
  facility: Facility,
  limitMs: number,
  onError: (error: unknown) => void,
): Promise<void> | undefined {
  try {
    return facility.close?.(limitMs);
  } catch (error) {
    onError(error);
    return undefined;
  }
}
