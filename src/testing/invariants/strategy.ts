import type { Invariant, Violation } from '../invariant.ts';
import type { TraceEvent } from '../trace.ts';
import type { TreeInfo } from '../tree-info.ts';
import type { Book } from './book.ts';
import { hasGroups, isTakenAlong, positionOf } from './groups.ts';
import { Suspicions } from './instants.ts';
import { violationOf } from './violation.ts';

const violation = violationOf('strategyRespected');

/** Members that go down and come back together, with the charge that each goes down for. */
type Group = Map<string, TraceEvent>;

/** Rules 6 and 7. */
export const strategyRespected: Invariant = {
  name: 'strategyRespected',
  description:
    'A group restart takes along exactly whom its strategy says: down in reverse order, one at a time, and back in order when all are down.',
  kind: 'safety',
  needs: ['calls'],
  begin(tree, book) {
    const groups = new Map<string, Group>();
    const suspicions = new Suspicions();
    return {
      onEvent(event) {
        const { parent } = book.place(event.path);
        const group = groups.get(parent);
        const found = suspicions.take(event.at - book.earlyMs);
        const tooEarly =
          event.type === 'starting' ? backTooEarly(tree, book, group, event) : undefined;
        if (event.type === 'stop-requested') {
          const isExcused = () => book.haltingAbove(event.path) !== undefined;
          suspicions.add(wronglyStopped(tree, book, group, event), isExcused);
        }
        follow(tree, book, groups, event);
        return found ?? tooEarly;
      },
      onEnd: () => suspicions.rest(),
    };
  },
};

function follow(tree: TreeInfo, book: Book, groups: Map<string, Group>, event: TraceEvent): void {
  const { parent } = book.place(event.path);
  const group = groups.get(parent);
  switch (event.type) {
    case 'starting':
      groups.delete(event.path);
      break;
    case 'ready': {
      // One that comes up while its group goes down still goes with it.
      const since = group?.get(event.path)?.seq ?? 0;
      if ((book.place(event.path).starting?.seq ?? 0) > since) group?.delete(event.path);
      break;
    }
    case 'start-failed':
      // It has shut itself down, which is a normal end, before it was ready.
      if (
        book.place(event.path).halting?.type === 'auto-shutdown' &&
        book.spec(event.path)?.restart !== 'permanent'
      )
        group?.delete(event.path);
      break;
    case 'ignored':
    case 'stopped':
    case 'failed':
    case 'dropped':
      group?.delete(event.path);
      break;
    case 'backoff': {
      if (!hasGroups(tree, parent)) break;
      const taken = group ?? new Map<string, TraceEvent>();
      // Those that come back already do not go down once more for somebody after them.
      const isComingBack = [...taken].some(
        ([path, charge]) => (book.place(path).starting?.seq ?? 0) > charge.seq,
      );
      for (const path of book.childrenOf(parent)) {
        if (book.place(path).state === 'dropped') continue;
        const goesOn = taken.has(path) && !isComingBack;
        if (goesOn || isTakenAlong(tree, event.path, path)) taken.set(path, event);
      }
      groups.set(parent, taken);
      break;
    }
    default:
  }
}

function backTooEarly(
  tree: TreeInfo,
  book: Book,
  group: Group | undefined,
  event: TraceEvent,
): Violation | undefined {
  if (!group?.has(event.path) || book.callAbout(event.path)) return undefined;
  const { parent } = book.place(event.path);
  const spec = book.spec(parent);
  const isSequential = spec?.kind === 'supervisor' && spec.order === 'sequential';
  for (const [path, charge] of group) {
    // One that somebody starts or stops by hand comes back on its own.
    if (path === event.path || book.callAbout(path)) continue;
    const member = book.place(path);
    const isOld = (member.starting?.seq ?? 0) < charge.seq;
    if (member.isUp && isOld) {
      return violation(
        event,
        `${event.path} starts at ${event.at} ms while ${path}#${member.incarnation} is still ${member.state}; the failure of ${charge.path} at ${charge.at} ms takes it along.`,
        member.starting,
        charge,
      );
    }
    const isBefore = positionOf(tree, path) < positionOf(tree, event.path);
    // One whose own `decide` leaves it down is not waited for.
    if (!isSequential || !isBefore || member.decided?.answer === 'stop') continue;
    return violation(
      event,
      `${event.path} comes back at ${event.at} ms before ${path}, which comes before it in its group.`,
      charge,
      member.last,
    );
  }
  return undefined;
}

function wronglyStopped(
  tree: TreeInfo,
  book: Book,
  group: Group | undefined,
  event: TraceEvent,
): Violation | undefined {
  const { parent } = book.place(event.path);
  const spec = book.spec(parent);
  if (spec?.kind !== 'supervisor' || book.place(parent).halting) return undefined;
  if (book.haltingAbove(event.path) || book.stopping || book.callAbout(event.path)) {
    return undefined;
  }
  // Needs may take it down for reasons of their own.
  const own = book.spec(event.path);
  if (own?.kind === 'service' && own.needs.length > 0) return undefined;
  const charge = group?.get(event.path);
  const place = book.place(event.path);
  if (!charge || charge.seq < (place.starting?.seq ?? 0)) {
    return violation(
      event,
      `${event.path} is stopped at ${event.at} ms although ${parent} (${spec.strategy}) had no reason to.`,
      place.starting,
      place.ready,
      charge,
    );
  }
  for (const [path] of group ?? []) {
    const member = book.place(path);
    const isLater = positionOf(tree, path) > positionOf(tree, event.path);
    // One that is stopped by a call has left its group.
    if (!isLater || !member.isUp || member.state === 'starting') continue;
    if (book.callAbout(path)) continue;
    return violation(
      event,
      `${event.path} is stopped at ${event.at} ms while ${path}, which comes after it in its group, is ${member.state}.`,
      charge,
      member.starting,
      member.asked,
    );
  }
  return undefined;
}
