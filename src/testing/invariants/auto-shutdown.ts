import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { Book } from './book.ts';
import { hasGroups, isTakenAlong } from './groups.ts';
import { type Debt, Debts } from './instants.ts';
import type { Of, Place } from './place.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('autoShutdown');

/** Rule 12. */
export const autoShutdown: Invariant = {
  name: 'autoShutdown',
  description: 'A supervisor shuts itself down exactly when its significant items say so.',
  kind: 'safety',
  begin(_tree, book) {
    const debts = new Debts<Debt>();
    /** By path: the latest call that takes it down. One to start what is up is refused. */
    const takenDown = new Map<string, number>();
    /** Whose group went down while they were up: how they end then is nobody's business. */
    const takenAlong = new Set<string>();
    const forgotten = (event: TraceEvent): Violation | undefined => {
      for (const [path, { since }] of debts.overdue(event.at - book.slackMs)) {
        if (book.place(path).halting || book.haltingAbove(path) || book.stopping) continue;
        if (hasBegunSince(book, path, since) || book.callAbout(since.path)?.at === since.at)
          continue;
        return violation(
          since,
          `${since.path}, which is significant, has ended at ${since.at} ms, and ${path} does not shut itself down.`,
          book.place(since.path).starting,
        );
      }
      return undefined;
    };
    return {
      onEvent(event) {
        const found = forgotten(event);
        if (event.type === 'call') {
          // One that comes before the decision is obeyed; whoever is called again may be judged late.
          const { parent } = book.place(event.path);
          const owed = debts.get(parent);
          const isInTime = owed && event.at <= owed.since.at + book.slackMs;
          if (isInTime && owed.since.path === event.path) debts.pay(parent);
          if (event.call !== 'start') takenDown.set(event.path, event.seq);
        }
        // It goes down, or has been down already and starts anew.
        if (event.type === 'auto-shutdown' || event.type === 'starting') debts.pay(event.path);
        if (event.type === 'starting') takenAlong.delete(event.path);
        if (event.type === 'backoff') {
          if (isAbsorbed(book, debts, event)) debts.pay(book.place(event.path).parent);
          for (const path of withItsGroup(book, event.path)) takenAlong.add(path);
        }
        const since = book.place(event.path).starting?.seq ?? 0;
        // Stopped by hand on its way down: its end is what somebody asked for.
        const isCalled = (takenDown.get(event.path) ?? 0) > since;
        const isExpected = isCalled || takenAlong.has(event.path);
        if (event.type === 'ended' && !isExpected && endsItsSupervisor(book, event)) {
          const { parent } = book.place(event.path);
          debts.owe(parent, { by: event.at, since: event });
        }
        return event.type === 'auto-shutdown' ? wronglyShutDown(book, event) : found;
      },
    };
  },
};

/** Whether this end is for good and by itself, and the last that its supervisor waits for. */
function endsItsSupervisor(book: Book, event: Of<'ended'>): boolean {
  const place = book.place(event.path);
  const spec = book.spec(event.path);
  const parent = book.spec(place.parent);
  if (!spec?.significant || place.asked || parent?.kind !== 'supervisor') return false;
  if (parent.autoShutdown === 'never' || isInMotion(book, place.parent)) return false;
  const isForGood =
    event.reason === 'normal' || (event.reason === 'error' && spec.restart === 'temporary');
  if (!isForGood || spec.restart === 'permanent') return false;
  return parent.autoShutdown === 'any-significant' || !othersLive(book, place);
}

/** A group that moves absorbs the ends of its members. */
function isInMotion(book: Book, parent: string): boolean {
  const spec = book.spec(parent);
  if (spec?.kind !== 'supervisor') return false;
  if (spec.strategy !== 'one-for-all' && spec.strategy !== 'rest-for-one') return false;
  return [...book.childrenOf(parent)].some((path) => {
    const { backoff, ready } = book.place(path);
    return backoff !== undefined && backoff.seq > (ready?.seq ?? 0);
  });
}

/** Who is up, and goes down with the group of one that failed. */
function withItsGroup(book: Book, culprit: string): string[] {
  const { parent } = book.place(culprit);
  if (!hasGroups(book.tree, parent)) return [];
  return [...book.childrenOf(parent)].filter(
    (path) => isTakenAlong(book.tree, culprit, path) && book.place(path).isUp,
  );
}

/** Somebody of its group had failed before, and that was decided first: it comes back with the group. */
function isAbsorbed(book: Book, debts: Debts<Debt>, event: Of<'backoff'>): boolean {
  const { parent, over } = book.place(event.path);
  const since = debts.get(parent)?.since;
  return (
    since !== undefined &&
    (over?.seq ?? since.seq) < since.seq &&
    hasGroups(book.tree, parent) &&
    isTakenAlong(book.tree, event.path, since.path)
  );
}

/** A significant item was started, or asked to by a call, before its supervisor could decide. */
function hasBegunSince(book: Book, parent: string, since: TraceEvent): boolean {
  return [...book.childrenOf(parent)].some((path) => {
    const { starting, call } = book.place(path);
    const isCalled = call !== undefined && call.call !== 'stop' && call.seq > since.seq;
    const isLive = isCalled || (starting?.seq ?? 0) > since.seq;
    return isLive && book.spec(path)?.significant;
  });
}

/** Some other significant item is not over for good, as far as the events tell. */
function othersLive(book: Book, place: Place): boolean {
  return [...book.childrenOf(place.parent)].some((path) => {
    if (path === place.path || !book.spec(path)?.significant) return false;
    const other = book.place(path);
    if (other.state === 'unstopped') return !isAbandonedForGood(book, other);
    const isDone = other.isFinished && !other.isToBeRedone;
    return !isDone && !['stopped', 'failed', 'dropped'].includes(other.state);
  });
}

/** What ended by itself, and did not get its cleanup done, may be restarted all the same. */
function isAbandonedForGood(book: Book, { asked, path }: Place): boolean {
  return asked !== undefined || book.spec(path)?.restart === 'temporary';
}

function wronglyShutDown(book: Book, event: Of<'auto-shutdown'>): Violation | undefined {
  const spec = book.spec(event.path);
  if (spec?.kind !== 'supervisor') return undefined;
  const culprit = book.place(event.culprit);
  if (spec.autoShutdown === 'never') {
    return violation(
      event,
      `${event.path} shuts itself down at ${event.at} ms although its autoShutdown is 'never'.`,
      culprit.last,
    );
  }
  if (!book.spec(event.culprit)?.significant) {
    return violation(
      event,
      `${event.path} shuts itself down at ${event.at} ms over ${event.culprit}, which is not significant.`,
      culprit.last,
    );
  }
  if (culprit.asked) {
    return violation(
      event,
      `${event.path} shuts itself down at ${event.at} ms over ${event.culprit}, which was asked to stop.`,
      culprit.asked,
      culprit.over,
    );
  }
  if (spec.autoShutdown !== 'all-significant') return undefined;
  for (const path of book.childrenOf(event.path)) {
    const other = book.place(path);
    const isAlive = ['starting', 'running', 'backoff', 'waiting'].includes(other.state);
    if (path === event.culprit || !isAlive || !book.spec(path)?.significant) continue;
    return violation(
      event,
      `${event.path} shuts itself down at ${event.at} ms although ${path}, which is significant too, is ${other.state}.`,
      culprit.over,
      other.last,
    );
  }
  return undefined;
}
