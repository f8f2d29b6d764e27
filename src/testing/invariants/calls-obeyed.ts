import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import { waitsForNeeds } from './eventually-ready.ts';
import { hasGroups } from './groups.ts';
import { whenInstantsEnd } from './instants.ts';
import type { Of, Place } from './place.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('callsObeyed');

/** Section 5 of the conformance rules: what a supervisor that serves is asked to do, it does. */
export const callsObeyed: Invariant = {
  name: 'callsObeyed',
  description:
    'What is stopped by a call goes down and stays down; what is started by one starts, once.',
  kind: 'safety',
  needs: ['calls', 'instants'],
  begin(tree, book) {
    const open = new Map<string, Of<'call'>>();
    /** What was down when it was called to start. */
    const begun = new Set<string>();
    /** Whose restart by a call has not come to its start yet. */
    const restarting = new Set<string>();
    const look = whenInstantsEnd(book, () => {
      for (const [path, call] of open) {
        const place = book.place(path);
        if (!isServed(book, place, call)) {
          open.delete(path);
          continue;
        }
        const wrong =
          call.call === 'stop' ? notStopped(book, place, call) : notStarted(book, place);
        if (call.call !== 'stop') open.delete(path);
        if (wrong) {
          return violation(
            call,
            `${call.call}() was called on ${path} at ${call.at} ms, and at ${book.now} ms it ${wrong}.`,
            place.starting,
            place.last,
          );
        }
      }
      return undefined;
    });
    return {
      onEvent(event) {
        const late = look(event);
        if (event.type === 'starting') restarting.delete(event.path);
        if (event.type === 'backoff') return late ?? retried(book, event, begun);
        if (event.type !== 'call' || event.path === tree.root.name) return late;
        const place = book.place(event.path);
        open.delete(event.path);
        begun.delete(event.path);
        if (event.call === 'start' && mayStart(place)) begun.add(event.path);
        // A restart that is under way starts it again, whoever stops it meanwhile.
        if (restarting.has(event.path)) return late;
        if (!tree.get(event.path) || !isServed(book, place, event)) return late;
        if (event.call === 'restart') restarting.add(event.path);
        const isRefused =
          event.call === 'restart' && book.spec(event.path)?.restart === 'temporary';
        if (!isRefused && (event.call === 'stop' || mayStart(place))) open.set(event.path, event);
        return late;
      },
    };
  },
};

/** The supervisor that was called is still the same, and nothing takes it or its items down. */
function isServed(book: Book, place: Place, call: TraceEvent): boolean {
  return isServing(book, place.parent, call) && !hasGroups(book.tree, place.parent);
}

/** A supervisor is up since before a call, and nothing takes it down. */
export function isServing(book: Book, path: string, call: TraceEvent): boolean {
  const { state, halting, starting } = book.place(path);
  if (state !== 'running' && state !== 'starting') return false;
  if (halting || book.haltingAbove(path) || book.stopping || book.cutOff) return false;
  return (starting?.seq ?? 0) < call.seq;
}

/** A place that a call to start is not refused for. */
function mayStart({ state, call, starting, over }: Place): boolean {
  if (state === 'stopped' || state === 'failed') return true;
  // Down because a call said so: it stays down, and no other event says that.
  const isDown = state === 'ended' || state === 'unstopped';
  const began = starting?.seq ?? 0;
  return isDown && call?.call === 'stop' && call.seq > began && call.seq < (over?.seq ?? 0);
}

function notStopped(book: Book, place: Place, call: TraceEvent): string | undefined {
  const { state, starting, asked } = place;
  // A start that was on its way is stopped as soon as it has begun.
  const isCaught = asked !== undefined && starting?.at === call.at && place.startsSinceCall === 1;
  if (place.startsSinceCall > 0 && !isCaught) return 'has started again';
  if (state === 'backoff' || state === 'waiting') return `still is to start: it is ${state}`;
  if (state !== 'running' && state !== 'starting') return undefined;
  if (place.aborted || place.bodyOver || place.halting) return undefined;
  const isHeld = book.dependantsOf(place.path).some(({ path }) => {
    const dependant = book.place(path);
    return dependant.isUp || dependant.state === 'failing';
  });
  return isHeld || book.hasStrangerGoing ? undefined : `is still ${state}`;
}

function notStarted(book: Book, place: Place): string | undefined {
  if (place.startsSinceCall > 0 || place.state === 'waiting') return undefined;
  return waitsForNeeds(book, place.path) ? undefined : 'has not started';
}

/** A start by hand is one attempt. */
function retried(
  book: Book,
  event: Of<'backoff'>,
  begun: ReadonlySet<string>,
): Violation | undefined {
  if (!begun.has(event.path)) return undefined;
  const { call, startsSinceCall, over, starting } = book.place(event.path);
  if (!call || startsSinceCall !== 1 || over?.type !== 'start-failed') return undefined;
  if (call.call !== 'start' || starting?.attempt !== 0) return undefined;
  const above = book.place(book.place(event.path).parent);
  // A supervisor that was down has refused; one that starts again starts its items itself.
  if (hasGroups(book.tree, above.path) || (above.starting?.seq ?? 0) > call.seq) return undefined;
  return violation(
    event,
    `start() was called on ${event.path} at ${call.at} ms, the attempt failed at ${over.at} ms, and it is tried again.`,
    call,
    over,
  );
}
