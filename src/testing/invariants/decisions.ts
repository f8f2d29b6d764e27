import type { ItemSpec } from '../../define/spec.ts';
import type { TraceEvent } from '../trace.ts';
import type { TreeInfo } from '../tree-info.ts';
import type { Book } from './book.ts';
import { hasGroups, isTakenAlong } from './groups.ts';
import { type Debt, Debts } from './instants.ts';
import type { Of, Place } from './place.ts';

type Ending = Of<'ended'> | Of<'unstopped'>;

/** Whether a place that came down like this has to be restarted, or its supervisor to end. */
export function mustBeDecided(book: Book, place: Place, event: Ending): boolean {
  const spec = book.spec(place.path);
  if (!spec || place.asked || place.parent === '') return false;
  if (place.halting && place.halting.type !== 'escalated' && place.halting.type !== 'auto-shutdown')
    return false;
  // A start attempt that failed and did not end: what follows depends on what it was made for.
  const isDecided = mayStayDown(spec, place);
  if (event.type === 'unstopped') {
    return place.ready !== undefined && spec.restart === 'permanent' && !isDecided;
  }
  switch (event.reason) {
    case 'error':
      return spec.restart !== 'temporary' && !isDecided;
    case 'RestartLimitExceeded':
      return spec.restart !== 'temporary';
    case 'normal':
    case 'shutdown':
      return spec.restart === 'permanent';
    default:
      return false;
  }
}

/** Its own `decide` may have said so: it did, or the trace does not tell. */
function mayStayDown(spec: ItemSpec, { decided }: Place): boolean {
  if (spec.kind !== 'service' || !spec.decide) return false;
  return !decided || decided.answer === 'stop';
}

/** The ends that a supervisor has to decide about before time moves on. */
export class OpenDecisions {
  readonly #tree: TreeInfo;
  readonly #book: Book;
  readonly #debts = new Debts<Debt>();

  constructor(tree: TreeInfo, book: Book) {
    this.#tree = tree;
    this.#book = book;
  }

  open(event: Ending): void {
    // By the time that it is judged, its group may be up again, and down once more.
    if (this.#isOfItsGroup(event.path, event)) return;
    this.#debts.owe(event.path, { by: event.at, since: event });
  }

  /** Looks at an event; returns the end that nobody has decided about, if there is one. */
  take(event: TraceEvent): TraceEvent | undefined {
    let forgotten: TraceEvent | undefined;
    for (const [path, { since }] of this.#debts.overdue(event.at - this.#book.slackMs)) {
      if (!this.#isExcused(path, since)) forgotten ??= since;
    }
    if (['backoff', 'failed', 'dropped', 'starting', 'stopped'].includes(event.type)) {
      this.#debts.pay(event.path);
    }
    if (
      ['escalated', 'auto-shutdown', 'stop-requested', 'start-failed', 'starting'].includes(
        event.type,
      )
    ) {
      // Its supervisor goes down instead, or begins anew; by the time of a late decision it may be back.
      for (const child of this.#book.childrenOf(event.path)) this.#debts.pay(child);
    }
    return forgotten;
  }

  #isExcused(path: string, since: TraceEvent): boolean {
    const book = this.#book;
    if (book.haltingAbove(path) || book.stopping) return true;
    // What is above it has gone down, and is back already: timers that are late give it the time.
    const { seq } = since;
    const above = this.#tree.above(path).map((each) => book.place(each).starting?.seq ?? 0);
    if (Math.max(...above) > seq) return true;
    if ((book.callAbout(path)?.at ?? -1) >= (book.place(path).starting?.at ?? 0)) return true;
    return this.#isOfItsGroup(path, since);
  }

  /** Its group goes down or comes back, and it with its group, uncharged. */
  #isOfItsGroup(path: string, since: TraceEvent): boolean {
    const { parent } = this.#book.place(path);
    return hasGroups(this.#tree, parent) && groupIsMoving(this.#book, parent, since);
  }
}

/** Some other item was charged a restart, and the group has not been complete since. */
function groupIsMoving(book: Book, parent: string, since: TraceEvent): boolean {
  for (const path of book.childrenOf(parent)) {
    if (path === since.path) continue;
    const { backoff, ready } = book.place(path);
    if (backoff && backoff.seq > (ready?.seq ?? 0)) return true;
    if (backoff && backoff.at === since.at) return true;
    // It was still up when its group began to go down, and went with it.
    const started = book.place(since.path).starting?.seq ?? 0;
    const isSince = backoff && backoff.seq > started && backoff.seq < since.seq;
    if (isSince && isTakenAlong(book.tree, path, since.path)) return true;
  }
  return false;
}
