import type { Invariant, Violation } from '../invariant.ts';
import type { Book } from './book.ts';
import { isServing } from './calls-obeyed.ts';
import { isBeingTakenAlong, waitsForNeeds } from './eventually-ready.ts';
import { whenInstantsEnd } from './instants.ts';
import type { Of, Place, PlaceState } from './place.ts';
import { isOver } from './start-failure.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('callsAnswered');

const downForGood: readonly PlaceState[] = ['stopped', 'failed', 'unstopped', 'dropped'];

/** Section 5 of the conformance rules: who calls hears of it as soon as it is so, and not before. */
export const callsAnswered: Invariant = {
  name: 'callsAnswered',
  description:
    'A call is answered when what it asked for is so, or cannot be: no sooner, no later.',
  kind: 'safety',
  needs: ['answers', 'instants'],
  begin(tree, book) {
    const open = new Map<number, Of<'call'>>();
    const look = whenInstantsEnd(book, (at, next) => {
      for (const [seq, call] of open) {
        const place = book.place(call.path);
        const reason = reasonToAnswer(book, place, call, next);
        if (!reason) continue;
        open.delete(seq);
        return violation(
          call,
          `${call.call}() was called on ${call.path} at ${call.at} ms; at ${at} ms it ${reason}, and the caller has not heard.`,
          place.starting,
          place.since,
        );
      }
      return undefined;
    });
    return {
      onEvent(event) {
        const late = look(event);
        if (event.type === 'answered') {
          const call = open.get(event.to);
          open.delete(event.to);
          return late ?? (call && wronglyAnswered(book, call, event));
        }
        if (event.type === 'call' && event.path !== tree.root.name) open.set(event.seq, event);
        return late;
      },
      onEnd({ events }) {
        const last = events.at(-1);
        if (last?.type !== 'finished' || last.isLivelock || book.cutOff) return [];
        return [...open.values()].map((call) =>
          violation(
            call,
            `${call.call}() was called on ${call.path} at ${call.at} ms, and the caller has not heard by the end.`,
          ),
        );
      },
    };
  },
};

function reasonToAnswer(
  book: Book,
  place: Place,
  call: Of<'call'>,
  next: number,
): string | undefined {
  const { state, starting, ready, path } = place;
  if (call.call === 'stop') return place.isUp || state === 'failing' ? undefined : 'is down';
  // Whoever goes down with its group is there for good when the group is back.
  const comesBack = state !== 'stopped' && isBeingTakenAlong(book, place);
  if (comesBack || waitsForNeeds(book, path)) return undefined;
  if (downForGood.includes(state)) return `is ${state}`;
  // A start by hand is one attempt.
  if (state === 'failing' && isOver(book, place, next)) return 'has failed to start';
  // Whom another call takes down may come up on its way, and wait there for those who need it.
  const isLatest = (book.callAbout(path)?.seq ?? 0) <= call.seq;
  const isThere = state === 'running' && isLatest && isServing(book, place.parent, call);
  const isNew = (starting?.seq ?? 0) > call.seq;
  return isThere && isNew && ready ? 'is up' : undefined;
}

function wronglyAnswered(
  book: Book,
  call: Of<'call'>,
  answer: Of<'answered'>,
): Violation | undefined {
  const place = book.place(call.path);
  const { starting, startDone } = place;
  const what = `${call.call}() was called on ${call.path} at ${call.at} ms`;
  if (answer.refusal !== undefined) {
    // Whoever restarts what somebody else is restarting waits for the same start.
    if (call.call === 'restart' && answer.refusal === 'DARUMA_RUNNING') {
      return violation(answer, `${what}, and refused because it runs.`, call, starting);
    }
    // What was dropped is not there any more.
    const isAbsent = answer.refusal === 'absent';
    if (isAbsent || call.call !== 'stop' || !isServing(book, place.parent, call)) return undefined;
    // A supervisor that begins in this very instant takes no calls yet.
    if (book.place(place.parent).starting?.at === call.at) return undefined;
    return violation(
      answer,
      `${what}, and refused (${answer.refusal}) although its supervisor is up.`,
      call,
    );
  }
  if (call.call === 'stop') {
    if (!place.isUp || (starting?.seq ?? 0) > call.seq) return undefined;
    return violation(answer, `${what}, and is said to be done while it is still up.`, call);
  }
  if ((startDone?.seq ?? 0) > call.seq) return undefined;
  return violation(answer, `${what}, and is said to be done though it has not come up.`, call);
}
