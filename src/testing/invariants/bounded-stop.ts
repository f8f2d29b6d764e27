import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { type Debt, Debts, Suspicions } from './instants.ts';
import { deadlineAbove, ownStopLimit } from './limits.ts';
import type { Of } from './place.ts';
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
    const suspicions = new Suspicions();

    const overdue = (event: TraceEvent): Violation | undefined => {
      for (const [path, { by, since }] of debts.overdue(event.at - book.slackMs)) {
        const place = book.place(path);
        if (book.cutOff || place.incarnation !== since.incarnation) continue;
        const isOver = place.over !== undefined && place.over.type !== 'start-failed';
        const isSettled = !['starting', 'running', 'stopping', 'failing'].includes(place.state);
        if (isOver || isSettled) continue;
        if (place.state === 'failing' && (place.bodyOver || !place.begun)) continue;
        return violation(
          event,
          `${path}#${since.incarnation} should be over by ${by} ms (${since.type} at ${since.at} ms) and is ${place.state} at ${event.at} ms.`,
          place.starting,
          since,
        );
      }
      return undefined;
    };

    const wrongLimit = (event: Of<'stop-requested'>): Violation | undefined => {
      const spec = book.spec(event.path);
      if (spec?.kind !== 'service') return undefined;
      const limitMs = event.limitMs ?? Number.POSITIVE_INFINITY;
      const own = ownStopLimit(book, event.path);
      const deadline = deadlineAbove(book, event.path);
      const most = Math.max(0, Math.min(own, deadline.at - event.at));
      // The grace period of the system is not part of the tree.
      const least = book.stopping ? 0 : most;
      if (limitMs <= most + book.earlyMs && limitMs >= least - book.earlyMs) return undefined;
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
        const late = overdue(event) ?? suspicions.take(event.at - book.earlyMs);
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
        if (event.type === 'ended') debts.pay(event.path);
        if (event.type !== 'unstopped') return late;
        debts.pay(event.path);
        return late ?? wrongUnstopped(event);
      },
      onEnd: () => suspicions.rest(),
    };
  },
};
