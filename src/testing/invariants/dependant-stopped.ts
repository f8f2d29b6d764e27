import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import { waitsForNeeds } from './eventually-ready.ts';
import { whenInstantsEnd } from './instants.ts';
import { ownStopLimit } from './limits.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('dependantStopped');

/** Rule 13. A dependant whose own dependants have to go first is asked when they are down. */
export const dependantStopped: Invariant = {
  name: 'dependantStopped',
  description: 'When a need goes down, those who depend on it are stopped at once, furthest first.',
  kind: 'safety',
  begin(_tree, book) {
    /** By dependant: the end of the need, and the incarnation that has to go. */
    const owed = new Map<string, { readonly lost: TraceEvent; readonly incarnation: number }>();
    const settle = (event: TraceEvent, path: string): Violation | undefined => {
      const debt = owed.get(path);
      if (!debt) return undefined;
      owed.delete(path);
      const place = book.place(path);
      if (book.haltingAbove(path) || place.incarnation !== debt.incarnation) return undefined;
      const latest = Math.max(debt.lost.at, lastDependantUp(book, path));
      if (event.at <= latest + book.slackMs) return undefined;
      return violation(
        event,
        `${path}#${debt.incarnation} runs on until ${event.at} ms although ${debt.lost.path}, which it needs, was down at ${debt.lost.at} ms (${debt.lost.type}).`,
        place.starting,
        debt.lost,
      );
    };
    const outdated = whenInstantsEnd(book, () => runsOnWithTheOld(book));
    return {
      onEvent(event) {
        const old = outdated(event);
        if (old) return old;
        if (event.type === 'ended' || event.type === 'start-failed' || event.type === 'unstopped') {
          // Over by itself before anybody could ask it.
          owed.delete(event.path);
        }
        if (event.type === 'stop-requested') return settle(event, event.path);
        if (event.type !== 'ended' && event.type !== 'unstopped') return undefined;
        const spec = book.spec(event.path);
        // What its group takes along is to do it again.
        const { isToBeRedone } = book.place(event.path);
        const isNormal = event.type === 'ended' && event.reason === 'normal';
        const hasDoneItsWork = isNormal && spec?.restart !== 'permanent' && !isToBeRedone;
        const isUnclear =
          event.type === 'unstopped' &&
          spec?.restart !== 'permanent' &&
          !book.place(event.path).asked;
        if (hasDoneItsWork || isUnclear) return undefined;
        for (const { path, need } of book.dependantsOf(event.path)) {
          const dependant = book.place(path);
          const dependantSpec = book.spec(path);
          if (need.optional || dependantSpec?.kind !== 'service') continue;
          if (dependantSpec.onLoss !== 'suspend' || book.haltingAbove(path)) continue;
          if (dependant.state !== 'running' && dependant.state !== 'starting') continue;
          owed.set(path, { lost: event, incarnation: dependant.incarnation });
        }
        return undefined;
      },
      onEnd(trace) {
        const last = trace.events.at(-1);
        return last ? [...owed.keys()].flatMap((path) => settle(last, path) ?? []) : [];
      },
    };
  },
};

/** With `onLoss: 'restart'` it goes on without, and starts again with what its need is now. */
function runsOnWithTheOld(book: Book): Violation | undefined {
  for (const place of book.places()) {
    const spec = book.spec(place.path);
    if (spec?.kind !== 'service' || spec.onLoss !== 'restart' || place.state !== 'running')
      continue;
    if (place.isGoing || book.haltingAbove(place.path) || waitsForNeeds(book, place.path)) continue;
    if (book.dependantsOf(place.path).some(({ path }) => book.place(path).isUp)) continue;
    for (const { path } of book.tree.needsOf(place.path)) {
      const need = book.place(path);
      if (!need.isReady || !need.starting || !place.starting) continue;
      if (need.starting.seq < place.starting.seq) continue;
      return violation(
        need.ready ?? need.starting,
        `${place.path}#${place.incarnation} runs on at ${book.now} ms with what ${path} was before it started again at ${need.starting.at} ms.`,
        place.starting,
        need.starting,
      );
    }
  }
  return undefined;
}

/** When the last of those who depend on this place was up: they go before it. */
function lastDependantUp(book: Book, path: string, seen = new Set<string>()): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (const { path: dependant } of book.dependantsOf(path)) {
    if (seen.has(dependant)) continue;
    seen.add(dependant);
    const place = book.place(dependant);
    const isGoing = place.state === 'stopping' || place.aborted !== undefined;
    const wasUpUntil = place.isUp && isGoing ? book.now : place.downAt;
    // The end of a start that failed is silent: it may take all of its limit.
    const failedAt = place.over?.type === 'start-failed' ? place.over.at : Number.NaN;
    const isOverBy = failedAt + ownStopLimit(book, dependant);
    if (isOverBy > latest) latest = isOverBy;
    // What a failed start has left may be declared unstopped in the end.
    const abandonedAt = place.over?.type === 'unstopped' ? place.over.at : Number.NEGATIVE_INFINITY;
    const below = lastDependantUp(book, dependant, seen);
    latest = Math.max(latest, wasUpUntil, abandonedAt, below);
  }
  return latest;
}
