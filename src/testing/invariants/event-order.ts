import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Place, PlaceState } from './place.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('eventOrder');

const down: readonly PlaceState[] = [
  'none',
  'waiting',
  'failing',
  'ended',
  'backoff',
  'stopped',
  'failed',
  'unstopped',
  'dropped',
];
const over: readonly PlaceState[] = ['ended', 'failing', 'unstopped'];

/** In which states of a place an event about it makes sense. */
const legal: Partial<Record<TraceEvent['type'], readonly PlaceState[]>> = {
  waiting: down,
  starting: down,
  ready: ['starting'],
  ignored: ['starting'],
  'start-failed': ['starting'],
  'stop-requested': ['starting', 'running'],
  'stop-error': ['running', 'stopping', 'failing'],
  ended: ['running', 'stopping'],
  unstopped: ['running', 'stopping', 'failing'],
  escalated: ['starting', 'running'],
  'auto-shutdown': ['starting', 'running'],
  backoff: over,
  failed: over,
  suspended: [...over, 'stopped'],
  stopped: down,
  dropped: down,
};

/** What only an incarnation that lives may say. */
const spoken: readonly TraceEvent['type'][] = [
  'ready',
  'ignored',
  'start-failed',
  'stop-requested',
  'stop-error',
  'ended',
  'unstopped',
  'escalated',
  'auto-shutdown',
];

/** Section 6 of the conformance rules, and fencing: design 2.2. */
export const eventOrder: Invariant = {
  name: 'eventOrder',
  description: 'The events of each place come in an order that makes sense, each of who lives.',
  kind: 'safety',
  begin(tree, book) {
    let seq = 0;
    return {
      onEvent(event) {
        const last = seq;
        seq = event.seq;
        if (event.seq <= last || event.at < book.now) {
          return violation(
            event,
            `Event ${event.seq} at ${event.at} ms comes after event ${last} at ${book.now} ms.`,
          );
        }
        const place = book.place(event.path);
        const states = isKill(event)
          ? [...over, 'starting', 'running', 'stopping']
          : legal[event.type];
        if (states && !(states as readonly string[]).includes(place.state)) {
          return violation(
            event,
            `${event.path}#${event.incarnation} says '${event.type}' at ${event.at} ms while it is ${place.state}.`,
            place.starting,
            place.over,
            place.last,
          );
        }
        return wrongNumber(event, place, tree.get(event.path) !== undefined);
      },
    };
  },
};

function isKill(event: TraceEvent): boolean {
  return event.type === 'ended' && event.reason === 'killed';
}

function wrongNumber(event: TraceEvent, place: Place, isDefined: boolean) {
  const { incarnation } = event;
  if (event.type === 'starting') {
    const next = place.incarnation + 1;
    // A place that was forgotten counts from the beginning again.
    if (incarnation === next || (incarnation === 1 && !isDefined)) return undefined;
    return violation(
      event,
      `${event.path}#${incarnation} starts at ${event.at} ms; the last incarnation was #${place.incarnation}.`,
      place.starting,
    );
  }
  if (!spoken.includes(event.type) || incarnation === place.incarnation) return undefined;
  return violation(
    event,
    `'${event.type}' at ${event.at} ms is of ${event.path}#${incarnation}; #${place.incarnation} is the current one.`,
    place.starting,
  );
}
