import type { Invariant } from '../invariant.ts';
import { injectedBy } from '../simulated-bus.ts';
import type { TraceEvent } from '../trace.ts';
import { violationOf } from './violation.ts';

type BusNote = Extract<TraceEvent, { readonly type: 'bus' }>;

/** What says that the end of an incarnation has begun. */
const ends = new Set(['stop-requested', 'aborted', 'ended', 'unstopped', 'start-failed']);

/** Subscriptions end with their incarnation: no handler begins once its end has. */
export const nothingHandledAfterTheEnd: Invariant = {
  name: 'nothingHandledAfterTheEnd',
  description: 'No event handler begins once the end of its incarnation has.',
  kind: 'safety',
  needs: ['whole-run'],
  begin() {
    const violation = violationOf('nothingHandledAfterTheEnd');
    /** The first sign of the end, by path and incarnation. */
    const over = new Map<string, TraceEvent>();
    return {
      onEvent(event) {
        const life = `${event.path}#${event.incarnation}`;
        // A child of a population may come back under the same id, as if it had never been.
        if (event.type === 'starting') over.delete(life);
        if (ends.has(event.type) && !over.has(life)) over.set(life, event);
        if (event.type !== 'bus' || event.did !== 'begun') return undefined;
        const sign = over.get(life);
        if (!sign) return undefined;
        return violation(
          event,
          `${life} begins to handle ${event.topic} (event ${event.event}) at ${event.at} ms; its end began at ${sign.at} ms (${sign.type}).`,
          sign,
        );
      },
    };
  },
};

/** Of one subscription, topic and key, events begin in the order in which they were emitted. */
export const handledInOrder: Invariant = {
  name: 'handledInOrder',
  description:
    'A subscription begins the events of a topic, or of a key, in the order of their emission.',
  kind: 'safety',
  needs: ['whole-run'],
  begin() {
    const violation = violationOf('handledInOrder');
    const latest = new Map<string, BusNote>();
    return {
      onEvent(event) {
        // A later attempt is the same event again, in its own time.
        if (event.type !== 'bus' || event.did !== 'begun' || event.attempt > 1) return undefined;
        const { path, incarnation, subscription, topic, key } = event;
        const lane = `${path}#${incarnation} ${subscription} ${topic} ${key}`;
        const before = latest.get(lane);
        latest.set(lane, event);
        if (!before || before.event < event.event) return undefined;
        return violation(
          event,
          `${path}#${incarnation} begins event ${event.event} of ${topic} at ${event.at} ms, after event ${before.event}.`,
          before,
        );
      },
    };
  },
};

/** Whoever emits, and whoever else subscribes, is not failed by a handler. */
export const failuresStayWithTheirSubscriber: Invariant = {
  name: 'failuresStayWithTheirSubscriber',
  description: 'A handler that fails is the failure of its own service, and of no other.',
  kind: 'safety',
  needs: ['whole-run'],
  begin() {
    const violation = violationOf('failuresStayWithTheirSubscriber');
    const failed = new Map<string, BusNote>();
    return {
      onEvent(event) {
        if (event.type === 'bus' && event.did === 'failed' && event.error !== null) {
          failed.set(event.error, event);
        }
        if (event.type !== 'ended' && event.type !== 'stray-error') return undefined;
        const handler = failed.get(event.error?.message ?? '');
        // Only what was injected is known to come from nowhere else.
        if (!handler || handler.error !== injectedBy(handler.path)) return undefined;
        if (handler.path === event.path) return undefined;
        return violation(
          event,
          `${event.path} fails at ${event.at} ms of what a handler of ${handler.path} threw.`,
          handler,
        );
      },
    };
  },
};

/** What every tree keeps whose services emit events and subscribe to them. */
export const busInvariants: readonly Invariant[] = [
  nothingHandledAfterTheEnd,
  handledInOrder,
  failuresStayWithTheirSubscriber,
];
