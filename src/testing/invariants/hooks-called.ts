import type { Invariant } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import { whenInstantsEnd } from './instants.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('hooksCalled');

/** The order of a stop (signal, stop hook, cleanup), and draining before it. */
export const hooksCalled: Invariant = {
  name: 'hooksCalled',
  description:
    'The stop hook is called once for a stop that was asked for, and drain once before the system stops.',
  kind: 'safety',
  needs: ['bodies'],
  begin(tree, book) {
    const stopped = new Map<string, TraceEvent>();
    const drained = new Set<string>();
    let draining: TraceEvent | undefined;
    const notDrained = whenInstantsEnd(book, () => {
      if (!draining) return undefined;
      const since = draining;
      draining = undefined;
      for (const { path, spec } of tree.services()) {
        const hasHook =
          spec.kind === 'service' && spec.body.kind === 'hooks' && spec.body.drain !== undefined;
        const { state, aborted, ready } = book.place(path);
        const isReady = state === 'running' && !aborted && (ready?.seq ?? since.seq) < since.seq;
        if (!hasHook || !isReady || drained.has(path)) continue;
        return violation(
          since,
          `The system drains since ${since.at} ms, and the drain hook of ${path} is not called.`,
          ready,
        );
      }
      return undefined;
    });
    return {
      onEvent(event) {
        const late = notDrained(event);
        if (event.type === 'phase' && event.phase === 'draining') draining = event;
        if (event.type === 'starting') stopped.delete(event.path);
        if (event.type === 'hook' && event.hook === 'drain') drained.add(event.path);
        if (event.type === 'hook' && event.hook === 'stop') {
          const place = book.place(event.path);
          const before = stopped.get(event.path);
          stopped.set(event.path, event);
          if (place.asked && place.aborted && !before) return late;
          return violation(
            event,
            `The stop hook of ${event.path}#${event.incarnation} is called at ${event.at} ms ${before ? 'again' : 'although its stop was not asked for'}.`,
            before,
            place.aborted,
          );
        }
        if (event.type !== 'ended' || event.reason !== 'shutdown') return late;
        const spec = tree.get(event.path)?.spec;
        if (spec?.kind !== 'service' || spec.body.kind !== 'hooks' || !spec.body.stop) return late;
        const { ready, asked, aborted, bodyOver } = book.place(event.path);
        if (!ready || !asked || stopped.has(event.path)) return late;
        // Its body was over before anybody could ask it.
        const began = aborted?.seq ?? Number.POSITIVE_INFINITY;
        const wasOver = began < asked.seq || (bodyOver?.seq ?? began) < began;
        if (wasOver) return late;
        return violation(
          event,
          `${event.path}#${event.incarnation} has stopped, and its stop hook was not called.`,
          asked,
        );
      },
    };
  },
};
