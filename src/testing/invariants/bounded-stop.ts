import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import { positionOf } from './groups.ts';
import { type Debt, Debts, Suspicions } from './instants.ts';
import { deadlineAbove, ownStopLimit } from './limits.ts';
import type { Of } from './place.ts';
import { wasSentFor } from './sent-for.ts';
import { ms, violationOf } from './violation.ts';

const violation = violationOf('boundedStop');

/** Rules 18 and 20. */
export const boundedStop: Invariant = {
  name: 'boundedStop',
  description:
    'An end is over within its own limit and the deadlines above it, or is declared unstopped then.',
  kind: 'safety',
  begin(_tree, book) {
    const debts = new Debts<Debt>();
    const deadlines = new Debts<Debt>();
    const suspicions = new Suspicions();

    const overdue = (event: TraceEvent): Violation | undefined => {
      for (const [path, { by, since }] of debts.overdue(event.at - book.slackMs)) {
        const place = book.place(path);
        if (book.cutOff || place.incarnation !== since.incarnation) continue;
        const isOver = place.over !== undefined && place.over.type !== 'start-failed';
        const isSettled = !['starting', 'running', 'stopping', 'failing'].includes(place.state);
        if (isOver || isSettled) continue;
        if (place.state === 'failing' && (place.bodyOver || !place.begun)) continue;
        // An attempt that says that it is not needed is still starting while it cleans up.
        if (place.state === 'starting' && place.bodyOver && !place.asked) continue;
        // The end of a start that failed is silent, also where it is cut off.
        if (place.state === 'failing' && ownStopLimit(book, path) === 0) continue;
        return violation(
          event,
          `${path}#${since.incarnation} should be over by ${by} ms (${since.type} at ${since.at} ms) and is ${place.state} at ${event.at} ms.`,
          place.starting,
          since,
        );
      }
      return undefined;
    };

    const pastDeadline = (event: TraceEvent): Violation | undefined => {
      // What was held up until this instant goes in the course of it.
      if (event.at === book.now) return undefined;
      for (const [path, { by, since }] of deadlines.overdue(event.at - book.slackMs)) {
        if (book.cutOff || book.place(path).halting !== since || book.hasStrangerGoing) continue;
        for (const place of book.places()) {
          if (!place.isUp || !place.path.startsWith(`${path}/`)) continue;
          if (book.spec(place.path)?.kind !== 'service') continue;
          if (isHeldUp(book, place.path) || isInLine(book, path, place.path)) continue;
          return violation(
            event,
            `${place.path}#${place.incarnation} is ${place.state} at ${event.at} ms, and ${path} should be down by ${by} ms.`,
            since,
            place.starting,
            place.asked,
          );
        }
      }
      return undefined;
    };

    const wrongLimit = (event: Of<'stop-requested'>): Violation | undefined => {
      const spec = book.spec(event.path);
      if (spec?.kind !== 'service') return undefined;
      if (spec.stopWithinMs === 'brutal') {
        return violation(event, `${event.path}, which is brutal, is asked to stop.`);
      }
      const limitMs = event.limitMs ?? Number.POSITIVE_INFINITY;
      const own = ownStopLimit(book, event.path);
      const deadline = deadlineAbove(book, event.path);
      const most = Math.max(0, Math.min(own, deadline.at - event.at));
      // The grace period of the system is not part of the tree: a log does not say it.
      const isKnown = !book.stopping || book.tree.limits !== undefined;
      const least = isKnown ? most : 0;
      // What is above it may have counted from a moment after its event, at which time stood still.
      const isAllowed = limitMs <= Math.min(own, most + book.stalledMs) + book.earlyMs;
      if (isAllowed && limitMs >= least - book.earlyMs) return undefined;
      // One that the stop of what is above it overtakes in the same instant is hurried afterwards.
      const { by } = deadline;
      const isOvertaken = by?.at === event.at && wasSentFor(book, book.place(event.path), by);
      if (isOvertaken && limitMs <= own) return undefined;
      return violation(
        event,
        `${event.path} is given ${ms(limitMs)} to stop at ${event.at} ms; its own limit is ${ms(own)}, and ${deadline.by ? `${deadline.by.path} must be down by ${deadline.at} ms` : 'no deadline is set above it'}.`,
        deadline.by,
      );
    };

    const wrongUnstopped = (event: Of<'unstopped'>): Violation | undefined => {
      const place = book.place(event.path);
      const spec = book.spec(event.path);
      if (spec?.kind === 'supervisor') {
        if (book.cutOff) return undefined;
        return violation(event, `${event.path}, a supervisor, is declared unstopped.`, place.asked);
      }
      const since = place.asked ?? place.aborted;
      if (!spec || !since || book.haltingAbove(event.path) || book.stopping) return undefined;
      const limitMs = place.asked?.limitMs ?? ownStopLimit(book, event.path);
      if (event.at >= since.at + limitMs - book.earlyMs) return undefined;
      return violation(
        event,
        `${event.path} is declared unstopped at ${event.at} ms, ${ms(event.at - since.at)} after ${since.type}; its limit is ${ms(limitMs)}.`,
        since,
      );
    };

    return {
      onEvent(event) {
        const late =
          overdue(event) ?? pastDeadline(event) ?? suspicions.take(event.at - book.earlyMs);
        if (isHalt(book, event)) oweDeadline(book, deadlines, event);
        if (event.type === 'stop-requested') {
          const limitMs = event.limitMs ?? Number.POSITIVE_INFINITY;
          const by = event.at + limitMs;
          if (Number.isFinite(by)) debts.owe(event.path, { by, since: event });
          // The deadline may be that of a supervisor that says only then that it goes down.
          suspicions.add(wrongLimit(event), () => wrongLimit(event) === undefined);
          return late;
        }
        // Over by itself: its cleanup, or the obedience of its body, has its own limit.
        if (event.type === 'aborted' && book.place(event.path).state !== 'stopping') {
          const by = event.at + ownStopLimit(book, event.path);
          if (Number.isFinite(by)) debts.owe(event.path, { by, since: event });
        }
        // Ids of children that come and go are used again.
        if (['ended', 'dropped', 'starting'].includes(event.type)) debts.pay(event.path);
        if (event.type !== 'unstopped') return late;
        debts.pay(event.path);
        return late ?? wrongUnstopped(event);
      },
      onEnd: () => suspicions.rest(),
    };
  },
};

/** Those who need it go first, in their own time: they may lie elsewhere. */
function isHeldUp(book: Book, path: string): boolean {
  return book.dependantsOf(path).some((dependant) => {
    const { isUp, state } = book.place(dependant.path);
    // The end of a start that failed is silent.
    return isUp || state === 'failing';
  });
}

/** Its turn comes after that of somebody who is held up. */
function isInLine(book: Book, halting: string, path: string): boolean {
  for (let item = path; item !== halting; item = book.place(item).parent) {
    const { parent } = book.place(item);
    const spec = book.spec(parent);
    if (spec?.kind !== 'supervisor' || spec.order !== 'sequential') continue;
    const position = positionOf(book.tree, item);
    const later = [...book.childrenOf(parent)].filter(
      (sibling) => positionOf(book.tree, sibling) > position,
    );
    for (const { path: other, isUp } of book.places()) {
      const isLater = later.some((each) => other === each || other.startsWith(`${each}/`));
      if (isLater && isUp && isHeldUp(book, other)) return true;
    }
  }
  return false;
}

/** A supervisor begins to go down with this. */
function isHalt(book: Book, event: TraceEvent): boolean {
  const isEnd = ['stop-requested', 'escalated', 'auto-shutdown'].includes(event.type);
  return isEnd && book.spec(event.path)?.kind === 'supervisor' && !book.place(event.path).halting;
}

function oweDeadline(book: Book, deadlines: Debts<Debt>, event: TraceEvent): void {
  const spec = book.spec(event.path);
  const own = spec?.kind === 'supervisor' ? spec.stopWithinMs : Number.POSITIVE_INFINITY;
  const by = Math.min(event.at + own, deadlineAbove(book, event.path).at);
  if (Number.isFinite(by)) deadlines.owe(event.path, { by, since: event });
}
