import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import type { Place } from './place.ts';
import { wasSentFor } from './sent-for.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('stopOrder');

/** Rules 14 and 15. */
export const stopOrder: Invariant = {
  name: 'stopOrder',
  description:
    'Dependants stop before what they need; a sequential supervisor stops its items in exact reverse order, one at a time.',
  kind: 'safety',
  begin(_tree, book) {
    return {
      onEvent(event) {
        const place = book.place(event.path);
        const isKill = event.type === 'ended' && event.reason === 'killed';
        // Nobody waits any more: all go at once.
        if (book.cutOff || (event.type !== 'stop-requested' && !isKill)) return undefined;
        return beforeItsDependants(book, place, event) ?? outOfTurn(book, place, event);
      },
    };
  },
};

function beforeItsDependants(book: Book, place: Place, event: TraceEvent): Violation | undefined {
  for (const { path, need } of book.dependantsOf(place.path)) {
    const dependant = book.place(path);
    const spec = book.spec(path);
    if (!dependant.isUp || path.startsWith(`${place.path}/`) || spec?.kind !== 'service') continue;
    const goesWith = spec.onLoss === 'suspend' && !need.optional;
    const halting = book.haltingAbove(path);
    if (!goesWith && (!halting || wasSentFor(book, place, halting))) continue;
    return violation(
      event,
      `${place.path} is stopped at ${event.at} ms while ${path}, which needs it, is ${dependant.state}.`,
      dependant.starting,
      dependant.asked,
    );
  }
  return undefined;
}

function outOfTurn(book: Book, place: Place, event: TraceEvent): Violation | undefined {
  const parent = book.spec(place.parent);
  const { halting } = book.place(place.parent);
  if (!halting || parent?.kind !== 'supervisor') return undefined;
  if (parent.strategy === 'dynamic' || parent.order !== 'sequential') return undefined;
  if (wasSentFor(book, place, halting)) return undefined;
  let isLater = false;
  for (const path of book.childrenOf(place.parent)) {
    if (path === place.path) {
      isLater = true;
      continue;
    }
    const sibling = book.place(path);
    if (!isLater || !sibling.isUp) continue;
    return violation(
      event,
      `${place.path} is stopped at ${event.at} ms while ${path}, which comes after it, is ${sibling.state}; ${place.parent} stops its items in reverse order.`,
      halting,
      sibling.starting,
      sibling.asked,
    );
  }
  return undefined;
}
