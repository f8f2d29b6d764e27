import type { Invariant } from '../invariant.ts';
import { Charges } from './charges.ts';
import { ms, violationOf } from './violation.ts';

const violation = violationOf('prematureGiveUp');

/** Rule 9. An escalation that `decide` asked for needs no exhausted budget. */
export const prematureGiveUp: Invariant = {
  name: 'prematureGiveUp',
  description:
    'A supervisor gives up only when its restarts are used up, and then as whenExhausted says.',
  kind: 'safety',
  begin(_tree, book) {
    const charges = new Charges(book);
    return {
      onEvent(event) {
        charges.take(event);
        if (event.type !== 'failed' && event.type !== 'escalated') return undefined;
        const culprit = event.type === 'failed' ? event.path : event.culprit;
        const parent = event.type === 'failed' ? book.place(event.path).parent : event.path;
        const spec = book.spec(parent);
        const { over, last, decided } = book.place(culprit);
        if (event.type === 'escalated' ? event.isDecided : decided?.answer === 'escalate') {
          return undefined;
        }
        const does = event.type === 'escalated' ? 'escalate' : 'give-up';
        if (spec?.kind === 'supervisor' && spec.whenExhausted !== does) {
          return violation(
            event,
            `${parent} does '${does}' at ${event.at} ms over ${culprit}; its whenExhausted is '${spec.whenExhausted}'.`,
            last,
          );
        }
        const down = { from: over?.at ?? event.at, to: event.at };
        const periodMs = spec?.kind === 'supervisor' ? spec.periodMs : 60_000;
        const known = spec?.kind === 'supervisor' ? spec.intensity : undefined;
        const said = event.type === 'escalated' ? event.intensity : undefined;
        const latest = charges.of(parent).at(-1)?.event.intensity;
        const intensity = known ?? said ?? latest;
        if (intensity === undefined) return undefined;
        const { possibly } = charges.within(parent, down, periodMs);
        if (possibly.length >= intensity) return undefined;
        return violation(
          event,
          `${parent} gives up at ${event.at} ms over ${culprit} although only ${possibly.length} of ${intensity} restarts in ${ms(periodMs)} are used.`,
          ...possibly.map((each) => each.event),
          last,
        );
      },
    };
  },
};
