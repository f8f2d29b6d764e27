import type { Invariant } from '../invariant.ts';
import type { Book } from './book.ts';
import type { Of, Place } from './place.ts';
import { ms, violationOf } from './violation.ts';

const violation = violationOf('backoffSchedule');

/** Rule 8: a series goes on until an incarnation was ready for long enough, and then starts over. */
export const backoffSchedule: Invariant = {
  name: 'backoffSchedule',
  description: 'A series of delays starts over after a stable incarnation, and only then.',
  kind: 'safety',
  begin(_tree, book) {
    const series = new Map<string, Of<'backoff'>>();
    return {
      onEvent(event) {
        if (event.type === 'starting') forget(series, book, event);
        if (event.type === 'dropped') series.delete(event.path);
        if (event.type !== 'backoff') return undefined;
        const before = series.get(event.path);
        series.set(event.path, event);
        const place = book.place(event.path);
        const policy = book.spec(event.path)?.backoff;
        if (!policy || event.attempt === (before?.attempt ?? 0) + 1) {
          if (!policy || !before) return undefined;
          const needed = Math.max(policy.resetAfterMs, before.delayMs);
          const { least } = readyFor(book, place);
          if (least < needed) return undefined;
          return violation(
            event,
            `${event.path} goes on with restart ${event.attempt} of its series although it was ready for ${ms(least)}; ${ms(needed)} start a new one.`,
            before,
            place.ready,
            place.over,
          );
        }
        if (!before || event.attempt !== 1) {
          return violation(
            event,
            `${event.path} backs off for restart ${event.attempt} of its series; the one before was ${before?.attempt ?? 'none'}.`,
            before,
            place.over,
          );
        }
        const needed = Math.max(policy.resetAfterMs, before.delayMs);
        const { most } = readyFor(book, place);
        if (most >= needed) return undefined;
        return violation(
          event,
          `${event.path} starts a new series of delays although it was ready for ${ms(most)} only; that takes ${ms(needed)}.`,
          before,
          place.ready,
          place.over,
        );
      },
    };
  },
};

/** A new supervisor knows no series; neither does a child that was started by hand. */
function forget(series: Map<string, Of<'backoff'>>, book: Book, event: Of<'starting'>): void {
  for (const child of book.childrenOf(event.path)) series.delete(child);
  const isByHand = event.attempt === 0 && book.place(event.path).state !== 'backoff';
  if (isByHand) series.delete(event.path);
}

/**
 * How long its latest incarnation had been ready when it failed, as closely as the trace tells:
 * simulations see the very moment, a log only when the cleanup was over as well.
 */
function readyFor(book: Book, place: Place): { least: number; most: number } {
  const { ready, over } = place;
  if (!ready || !over || over.type === 'start-failed') return { least: 0, most: 0 };
  const failedAt = place.halting?.at ?? place.aborted?.at ?? place.bodyOver?.at;
  if (failedAt !== undefined) return { least: failedAt - ready.at, most: failedAt - ready.at };
  const isExact = book.spec(place.path)?.kind === 'supervisor';
  return { least: isExact ? over.at - ready.at : 0, most: over.at - ready.at };
}
