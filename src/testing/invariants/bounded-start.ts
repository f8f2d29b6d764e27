import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { type Debt, Debts } from './instants.ts';
import { ms, violationOf } from './violation.ts';

const violation = violationOf('boundedStart');

interface StartDebt extends Debt {
  readonly limitMs: number;
}

/** Rule 1: a start limit counts from `starting`. */
export const boundedStart: Invariant = {
  name: 'boundedStart',
  description: 'A start attempt of a service is ready, failed or stopped within its start limit.',
  kind: 'safety',
  begin(_tree, book) {
    const debts = new Debts<StartDebt>();
    const collect = (event: TraceEvent): Violation | undefined => {
      for (const [path, { since, limitMs }] of debts.overdue(event.at - book.slackMs)) {
        if (book.place(path).state !== 'starting' || book.cutOff) continue;
        return violation(
          event,
          `${path}#${since.incarnation} starts since ${since.at} ms and still does at ${event.at} ms; its start limit is ${ms(limitMs)}.`,
          since,
        );
      }
      return undefined;
    };
    return {
      onEvent(event) {
        const found = collect(event);
        if (event.type === 'starting') {
          const spec = book.spec(event.path);
          const limitMs = spec?.kind === 'service' ? spec.startWithinMs : Number.POSITIVE_INFINITY;
          if (limitMs !== Number.POSITIVE_INFINITY) {
            debts.owe(event.path, { by: event.at + limitMs, since: event, limitMs });
          }
        } else if (event.type === 'ready' || event.type === 'start-failed') {
          debts.pay(event.path);
        }
        return found;
      },
    };
  },
};
