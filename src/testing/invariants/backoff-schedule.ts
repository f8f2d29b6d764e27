import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import type { Of, Place } from './place.ts';
import { ms, violationOf } from './violation.ts';

const violation = violationOf('backoffSchedule');

/** Where a place stands: its latest scheduled restart, and what its incarnations were since. */
interface Series {
  readonly last: Of<'backoff'>;
  /** The most stable incarnation since: milliseconds ready, as closely as the trace tells. */
  least: number;
  most: number;
  end: TraceEvent | undefined;
}

/** Rule 8: a series goes on until an incarnation was ready for long enough, and then starts over. */
export const backoffSchedule: Invariant = {
  name: 'backoffSchedule',
  description: 'A series of delays starts over after a stable incarnation, and only then.',
  kind: 'safety',
  begin(_tree, book) {
    const series = new Map<string, Series>();
    return {
      onEvent(event) {
        const { path } = event;
        if (event.type === 'starting') forget(series, book, event);
        if (event.type === 'dropped') series.delete(path);
        if (event.type === 'ended' || event.type === 'unstopped')
          note(series.get(path), book, event);
        if (event.type !== 'backoff') return undefined;
        const before = series.get(path);
        series.set(path, { last: event, least: -1, most: -1, end: undefined });
        return wrongAttempt(before, book, event);
      },
    };
  },
};

function wrongAttempt(
  before: Series | undefined,
  book: Book,
  event: Of<'backoff'>,
): Violation | undefined {
  const policy = book.spec(event.path)?.backoff;
  if (!policy) return undefined;
  const { ready, over } = book.place(event.path);
  const isNext = event.attempt === (before?.last.attempt ?? 0) + 1;
  if (!before || (!isNext && event.attempt !== 1)) {
    if (isNext) return undefined;
    return violation(
      event,
      `${event.path} backs off for restart ${event.attempt} of its series; the one before was ${before?.last.attempt ?? 'none'}.`,
      before?.last,
      over,
    );
  }
  const needed = Math.max(policy.resetAfterMs, before.last.delayMs);
  // Where the event loop stands still, an event comes later than what it tells of.
  const { slackMs } = book;
  if (isNext) {
    if (before.least - slackMs < needed) return undefined;
    return violation(
      event,
      `${event.path} goes on with restart ${event.attempt} of its series although it was ready for ${ms(before.least)}; ${ms(needed)} start a new one.`,
      before.last,
      ready,
      before.end,
    );
  }
  if (before.most + slackMs >= needed) return undefined;
  return violation(
    event,
    `${event.path} starts a new series of delays although it was ready for ${ms(Math.max(0, before.most))} only; that takes ${ms(needed)}.`,
    before.last,
    ready,
    before.end ?? over,
  );
}

/** A new supervisor knows no series; neither does a child that was started by hand. */
function forget(series: Map<string, Series>, book: Book, event: Of<'starting'>): void {
  for (const child of book.childrenOf(event.path)) series.delete(child);
  const isByHand = event.attempt === 0 && book.place(event.path).state !== 'backoff';
  if (isByHand) series.delete(event.path);
}

function note(series: Series | undefined, book: Book, event: TraceEvent): void {
  if (!series) return;
  const { least, most } = readyFor(book, book.place(event.path), event);
  if (most >= series.most) series.end = event;
  series.least = Math.max(series.least, least);
  series.most = Math.max(series.most, most);
}

/**
 * How long an incarnation had been ready when it failed or was asked to stop, as closely as the trace
 * tells: simulations see the very moment, a log of one that failed only when its cleanup was over.
 */
function readyFor(book: Book, place: Place, end: TraceEvent): { least: number; most: number } {
  const { ready } = place;
  if (!ready) return { least: -1, most: -1 };
  const most = end.at - ready.at;
  if (place.asked) return { least: place.asked.at - ready.at, most };
  const failedAt = place.halting?.at ?? place.aborted?.at ?? place.bodyOver?.at;
  if (failedAt !== undefined) return { least: failedAt - ready.at, most: failedAt - ready.at };
  const isExact = book.spec(place.path)?.kind === 'supervisor';
  return { least: isExact ? most : 0, most };
}
