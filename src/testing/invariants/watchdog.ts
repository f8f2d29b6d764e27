import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { type Debt, Debts } from './instants.ts';
import { ms, violationOf } from './violation.ts';

const violation = violationOf('watchdogBites');

/** A stuck service is a failed service. When a body beat last is known where a fault made it stop. */
export const watchdogBites: Invariant = {
  name: 'watchdogBites',
  description: 'A service that does not beat within the limit of its watchdog fails, and no other.',
  kind: 'safety',
  needs: ['bodies'],
  begin(_tree, book) {
    const debts = new Debts<Debt>();
    const stuck = new Map<string, TraceEvent>();
    return {
      onEvent(event) {
        for (const [path, { since, by }] of debts.overdue(event.at - book.slackMs)) {
          const place = book.place(path);
          const isGoing = place.asked ?? place.aborted ?? place.bodyOver ?? place.over;
          if (place.incarnation !== since.incarnation || isGoing || book.cutOff) continue;
          // One whose timer was late is given another period.
          if (book.slackMs > 0) continue;
          return violation(
            event,
            `${path}#${since.incarnation} has not beaten since ${since.at} ms, and is let be at ${event.at} ms; its watchdog should have bitten by ${by} ms.`,
            since,
          );
        }
        const spec = book.spec(event.path);
        if (spec?.kind !== 'service' || !Number.isFinite(spec.watchdogMs)) return undefined;
        const { ready, aborted } = book.place(event.path);
        if (event.type === 'fault' && event.fault.kind === 'stuck') stuck.set(event.path, event);
        const fault = stuck.get(event.path);
        const isStuck = fault?.incarnation === event.incarnation;
        // Its first limit counts from ready.
        const isWatched = event.type === 'ready' || (event === fault && ready);
        if (isStuck && isWatched) {
          debts.owe(event.path, { by: event.at + spec.watchdogMs, since: event });
        }
        if (event.type === 'starting' || event.type === 'ended') debts.pay(event.path);
        if (event.type !== 'overdue') return undefined;
        const readyMs = event.at - (ready?.at ?? event.at);
        const isDue =
          event.sinceBeatMs >= spec.watchdogMs && readyMs + book.slackMs >= spec.watchdogMs;
        if (isDue && ready && !aborted) return undefined;
        return violation(
          event,
          `${event.path}#${event.incarnation} is overdue at ${event.at} ms, ready for ${ms(readyMs)} and ${ms(event.sinceBeatMs)} after its last beat; its watchdog allows ${ms(spec.watchdogMs)}.`,
          ready,
          aborted,
        );
      },
    };
  },
};
