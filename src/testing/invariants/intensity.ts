import type { Invariant } from '../invariant.ts';
import { budgetOf, Charges } from './charges.ts';
import { ms, violationOf } from './violation.ts';

const violation = violationOf('intensity');

/** Rule 5: the window is edge inclusive, shared by all items, and empty after a restart. */
export const intensity: Invariant = {
  name: 'intensity',
  description: 'At most `intensity` restarts are charged in any period of a supervisor.',
  kind: 'safety',
  begin(_tree, book) {
    const charges = new Charges(book);
    return {
      onEvent(event) {
        const charge = charges.take(event);
        if (!charge || event.type !== 'backoff') return undefined;
        const { parent } = book.place(event.path);
        const budget = budgetOf(book, event, parent);
        const { surely, possibly } = charges.within(parent, charge, budget.periodMs);
        const evidence = surely.map((each) => each.event);
        if (surely.length > budget.intensity) {
          return violation(
            event,
            `${parent} was charged ${surely.length} restarts within ${ms(budget.periodMs)}, the last for ${event.path} at ${event.at} ms; its intensity allows ${budget.intensity}.`,
            ...evidence,
          );
        }
        if (event.intensity !== budget.intensity || event.periodMs !== budget.periodMs) {
          return violation(
            event,
            `${event.path} is told of ${event.intensity} restarts in ${ms(event.periodMs)}; ${parent} allows ${budget.intensity} in ${ms(budget.periodMs)}.`,
          );
        }
        if (event.used < surely.length || event.used > possibly.length) {
          return violation(
            event,
            `${event.path} says that ${event.used} restarts of ${parent} are used in ${ms(budget.periodMs)}; the trace has ${surely.length}.`,
            ...evidence,
          );
        }
        return undefined;
      },
    };
  },
};
