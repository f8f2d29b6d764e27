import { mostCounted, type Timetable } from '../../../actors/rules/timetable.ts';
import type { SchedulePolicy } from '../../services/schedules/policy.ts';
import { timetableOf } from '../../services/schedules/timing.ts';
import { recheckMs, toleranceMs } from '../../services/schedules/wall-watch.ts';
import type { Invariant, Violation } from '../invariant.ts';
import { policyOf, type RunEvent, type SkipEvent } from '../schedules.ts';
import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('scheduleNoMissedTick');

/** What is known of one schedule. */
interface Watched {
  readonly policy: SchedulePolicy;
  timetable: Timetable;
  /** The latest due time that was accounted for, or the start; undefined: it is down. */
  seen: number | undefined;
  /** The one after it, and of which. Asking a time of day is dear. */
  next: { readonly after: number; readonly due: number | undefined } | undefined;
  /** When the next one was first seen to be due without having been accounted for. */
  owedSince: number | undefined;
  isPaused: boolean;
  last: TraceEvent;
}

/**
 * A schedule accounts for each of its due times: it runs, or it is skipped and counted. Where ticks
 * may wait, only their waiting says when; of a fixed delay nobody knows when it is due. Whose tick it is
 * in a cluster depends on when the storage answers.
 */
export const scheduleNoMissedTick: Invariant = {
  name: 'scheduleNoMissedTick',
  description: 'Every due time of a schedule is run, or reported as skipped.',
  kind: 'safety',
  // That a schedule has failed shows when it is over, and in a simulation when its signal is aborted.
  needs: ['bodies'],
  begin(tree, book) {
    const schedules = new Map<string, Watched>();
    return {
      onEvent(event) {
        const policy = policyOf(tree.specAt(event.path));
        // Late or not, with this it accounts for itself.
        const speaking = event.type.startsWith('schedule') ? schedules.get(event.path) : undefined;
        const found = [...schedules.values()].flatMap((each) =>
          each === speaking ? [] : (overdue(each, event, book) ?? []),
        );
        if (policy?.timing && isWatchable(policy)) {
          const missed = follow(schedules, policy, event);
          if (missed) return missed;
        }
        return found[0];
      },
    };
  },
};

function isWatchable({ pace, jitterMs, overlap, missed, isShared }: SchedulePolicy): boolean {
  const mayWait = overlap === 'queue' || overlap === 'replace' || missed === 'all';
  return pace === 'fixed-rate' && jitterMs === 0 && !mayWait && !isShared;
}

function follow(
  schedules: Map<string, Watched>,
  policy: SchedulePolicy,
  event: TraceEvent,
): Violation | undefined {
  const watched = schedules.get(event.path);
  // What a body says of being ready may be lost: then nobody knows when its periods began.
  const known = watched?.last.incarnation === event.incarnation ? watched : undefined;
  switch (event.type) {
    case 'ready':
      schedules.set(event.path, begun(policy, event, watched));
      return undefined;
    case 'aborted':
    case 'stop-requested':
    case 'draining':
    case 'ended':
    case 'unstopped':
    case 'start-failed':
      if (known) schedules.set(event.path, { ...known, owedSince: undefined, seen: undefined });
      return undefined;
    case 'schedule':
      if (!known) return undefined;
      known.isPaused = event.status === 'paused' || (known.isPaused && event.status !== 'resumed');
      known.owedSince = undefined;
      if (event.status === 'reset') known.seen = event.time;
      return undefined;
    case 'schedule-run':
      if (known && event.status === 'started') return account(known, event, 1);
      return undefined;
    case 'schedule-skipped':
      return known ? account(known, event, event.count) : undefined;
    default:
      return undefined;
  }
}

function begun(policy: SchedulePolicy, event: TraceEvent, known?: Watched): Watched {
  const isEvery = policy.kind === 'every';
  const start = isEvery || !('time' in event) ? event.at : event.time;
  return {
    policy,
    timetable: timetableFrom(policy, start),
    // Of what a time of day had left undone while it was down the first event will tell.
    seen: isEvery || !known ? start : undefined,
    next: undefined,
    owedSince: undefined,
    isPaused: known?.isPaused ?? false,
    last: event,
  };
}

function timetableFrom({ timing }: SchedulePolicy, start: number): Timetable {
  return timetableOf(timing as NonNullable<typeof timing>, 'fixed-rate', start);
}

/** Whether exactly as many due times lie behind the one that was seen last as the event says. */
function account(
  known: Watched,
  event: RunEvent | SkipEvent,
  count: number,
): Violation | undefined {
  const { due, path } = event;
  const { last, seen = due, policy } = known;
  if (due === null || seen === null || due < seen) return undefined;
  const isFirst = last.type === 'ready';
  // A period is counted from the moment at which its schedule began, which is that of no event.
  if (isFirst && policy.kind === 'every') known.timetable = timetableFrom(policy, due);
  known.next = undefined;
  known.seen = due;
  known.owedSince = undefined;
  known.last = event;
  if (isFirst || due === seen || count >= mostCounted - 1) return undefined;
  const there = countOf(known.timetable, seen, due);
  if (there === count) return undefined;
  return violation(
    event,
    `${path} accounts for ${count} due times after ${seen} with one at ${due}; its timetable has ${there} up to then.`,
    last,
  );
}

function countOf(timetable: Timetable, after: number, until: number): number {
  let count = 0;
  let due = timetable.next(after);
  let last: number | undefined;
  for (; due !== undefined && due <= until && count < mostCounted; due = timetable.next(due)) {
    count++;
    last = due;
  }
  // A time that is not in the timetable accounts for nothing.
  return last === until ? count : 0;
}

/** A due time that has come, and of which nothing is heard. */
function overdue(known: Watched, event: TraceEvent, book: Book): Violation | undefined {
  const { policy, seen, isPaused, timetable, last } = known;
  if (seen === undefined || isPaused) return undefined;
  const isEvery = policy.kind === 'every';
  const now = isEvery ? event.at : 'time' in event ? event.time : undefined;
  if (known.next?.after !== seen) known.next = { after: seen, due: timetable.next(seen) };
  const { due } = known.next;
  if (now === undefined || due === undefined) return undefined;
  // What becomes due at the very moment of its start was there before it looked.
  if (last.type === 'ready' && event.at === last.at) {
    known.seen = Math.max(seen, now);
    return undefined;
  }
  if (now <= due) {
    known.owedSince = undefined;
    return undefined;
  }
  known.owedSince ??= event.at;
  const patienceMs = isEvery ? 0 : recheckMs + toleranceMs;
  const lateMs = isEvery ? now - due : event.at - known.owedSince;
  if (lateMs <= patienceMs + book.slackMs) return undefined;
  known.seen = due;
  return violation(
    event,
    `${last.path} was due at ${due}, and has neither run nor said why by ${event.at} ms.`,
    last,
  );
}
