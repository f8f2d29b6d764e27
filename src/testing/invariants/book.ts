import type { ItemSpec, NeedSpec } from '../../define/spec.ts';
import type { TraceEvent } from '../trace.ts';
import type { TreeInfo } from '../tree-info.ts';
import { hasGroups, isTakenAlong } from './groups.ts';
import { Place, type PlaceState } from './place.ts';

const stateAfter: Partial<Record<TraceEvent['type'], PlaceState>> = {
  waiting: 'waiting',
  suspended: 'waiting',
  starting: 'starting',
  ready: 'running',
  ignored: 'stopped',
  'start-failed': 'failing',
  'stop-requested': 'stopping',
  ended: 'ended',
  unstopped: 'unstopped',
  backoff: 'backoff',
  stopped: 'stopped',
  failed: 'failed',
  dropped: 'dropped',
};

/** The faults after which timers fire late, by as much as their `ms` says. */
const delaying: readonly string[] = ['eventLoopStall', 'timerJitter'];

const none: ReadonlySet<string> = new Set();

/** A dependant and what it said about the need. */
export interface Dependant {
  readonly path: string;
  readonly need: NeedSpec;
}

/** What a trace has told so far: kept once, and looked at by every invariant. */
export class Book {
  readonly tree: TreeInfo;
  readonly #places = new Map<string, Place>();
  readonly #dependants = new Map<string, Dependant[]>();
  readonly #children = new Map<string, Set<string>>();
  readonly #called = new Map<string, TraceEvent>();
  /** Virtual milliseconds of the latest event. */
  now = 0;
  /** By how much timers may be late: because a fault made them, or because they are real. */
  slackMs: number;
  /** By how much they may be early: real ones are, by a rounding. */
  readonly earlyMs: number;
  readonly #usualSlackMs: number;
  /** The trace says what bodies do: it is that of a simulation. */
  hasBodies = false;
  /** The event with which the whole system began to go down. */
  stopping: TraceEvent | undefined;
  /** The second signal: nobody waits any more. */
  cutOff: TraceEvent | undefined;

  constructor(tree: TreeInfo, slackMs = 0) {
    this.tree = tree;
    this.slackMs = slackMs;
    this.#usualSlackMs = slackMs;
    this.earlyMs = slackMs > 0 ? 2 : 0;
    for (const path of tree.items.keys()) this.place(path);
  }

  /** For how long the event loop has stood still so far, as far as the trace tells. */
  get stalledMs(): number {
    return this.slackMs - this.#usualSlackMs;
  }

  place(path: string): Place {
    return this.#places.get(path) ?? this.#open(path);
  }

  places(): Iterable<Place> {
    return this.#places.values();
  }

  spec(path: string): ItemSpec | undefined {
    return this.tree.specAt(path);
  }

  /** Who names this place among its needs, optional ones included. */
  dependantsOf(path: string): readonly Dependant[] {
    return this.#dependants.get(path) ?? [];
  }

  /** A child that a call added is on its way down: it may need what its definition alone says. */
  get hasStrangerGoing(): boolean {
    for (const { path, isGoing } of this.#places.values()) {
      if (isGoing && !this.tree.get(path)) return true;
    }
    return false;
  }

  /** Everything directly below, those of the definition first and in start order. */
  childrenOf(path: string): Iterable<string> {
    return this.#children.get(path) ?? none;
  }

  /** The event with which the nearest supervisor above began to go down, while it is. */
  haltingAbove(path: string): TraceEvent | undefined {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const halting = this.#places.get(path.slice(0, end))?.halting;
      if (halting) return halting;
    }
    return undefined;
  }

  /** The latest call about this place or one above it. */
  callAbout(path: string): TraceEvent | undefined {
    let latest = this.#called.get(path);
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const call = this.#called.get(path.slice(0, end));
      if (call && call.seq > (latest?.seq ?? 0)) latest = call;
    }
    return latest;
  }

  take(event: TraceEvent): void {
    this.now = event.at;
    if (event.type === 'fault') this.#noteFault(event.fault.kind, event.fault.params?.ms);
    if (event.type === 'fault' || event.type === 'note' || event.type === 'finished') return;
    if (event.type === 'call') {
      if (event.path === this.tree.root.name) return;
      this.#called.set(event.path, event);
      const called = this.place(event.path);
      called.call = event;
      called.startsSinceCall = 0;
      if (this.#isCalledOut(called)) called.isToBeRedone = false;
      return;
    }
    if (event.type === 'phase') {
      if (event.phase === 'draining' || event.phase === 'stopping') this.stopping ??= event;
      return;
    }
    if (event.type === 'loop-blocked') this.slackMs += event.blockedMs;
    const isForced = event.type === 'signal' && event.count > 1;
    if (isForced || event.type === 'cut-off') this.cutOff ??= event;
    const place = this.place(event.path);
    if (event.incarnation < place.incarnation && place.state !== 'dropped') return;
    // Ids of children that come and go are used again, and count from the beginning.
    if (event.type === 'waiting') place.incarnation = event.incarnation;
    this.#note(place, event);
    place.last = event;
  }

  #noteFault(kind: string, ms: unknown): void {
    if (delaying.includes(kind)) this.slackMs += Number(ms ?? 0);
  }

  #note(place: Place, event: TraceEvent): void {
    const wasUp = place.isUp;
    const state = stateAfter[event.type];
    if (state) {
      // That it is forgotten does not say how it ended.
      if (state !== 'dropped') place.isUnclear = false;
      place.state = state;
      place.since = event;
    }
    if (wasUp && !place.isUp) place.downAt = event.at;
    switch (event.type) {
      case 'waiting':
        place.isToBeRedone = true;
        break;
      case 'starting':
        begin(place, event);
        this.#redo(place.path);
        break;
      case 'ready':
        place.ready = event;
        place.startDone = event;
        break;
      case 'stop-requested':
        place.asked = event;
        this.#halt(place, event);
        break;
      case 'start-failed':
        place.over = event;
        this.#halt(place, event);
        break;
      case 'escalated':
      case 'auto-shutdown':
        this.#halt(place, event);
        break;
      case 'ignored':
        place.over = event;
        place.startDone = event;
        break;
      case 'unstopped':
        place.over = event;
        place.isUnclear = !place.asked && place.ready !== undefined && this.#isOneShot(place.path);
        break;
      case 'ended':
        place.over = event;
        place.isFinished = event.reason === 'normal' && this.#isOneShot(place.path);
        if (place.isToBeRedone) this.#redo(place.path);
        break;
      case 'backoff':
        place.backoff = event;
        this.#redo(place.path);
        this.#takeAlong(place);
        break;
      case 'body-begun':
        this.hasBodies = true;
        place.begun = event;
        break;
      case 'aborted':
        place.aborted = event;
        break;
      case 'body-over':
        place.bodyOver = event;
        break;
      case 'hook':
        if (event.hook === 'decide') place.decided = event;
        break;
      default:
    }
  }

  #halt(place: Place, event: TraceEvent): void {
    if (this.spec(place.path)?.kind !== 'supervisor') return;
    place.halting ??= event;
    if (place.parent === '') this.stopping ??= event;
    // Its group does not come back now: what still gets its work done has done it.
    for (const path of this.childrenOf(place.path)) {
      const child = this.place(path);
      if (child.isUp) child.isToBeRedone = false;
    }
  }

  /** What was done before is to be done again: for that no event is made. */
  #takeAlong(culprit: Place): void {
    if (!hasGroups(this.tree, culprit.parent)) return;
    for (const path of this.childrenOf(culprit.parent)) {
      // A temporary one that has done its work does not come back to do it again.
      if (this.place(path).isFinished && this.spec(path)?.restart === 'temporary') continue;
      if (!isTakenAlong(this.tree, culprit.path, path)) continue;
      const place = this.place(path);
      if (this.#isCalledOut(place)) continue;
      place.isToBeRedone = true;
      // What is still up keeps until it is down what was done in it.
      if (!place.isUp) this.#redo(path);
    }
  }

  /** A call takes a supervisor out of its group: what was done in it stays done. */
  #isCalledOut({ path, isUp, call, starting }: Place): boolean {
    if (!isUp || this.spec(path)?.kind !== 'supervisor') return false;
    return call !== undefined && call.call !== 'start' && call.seq > (starting?.seq ?? 0);
  }

  /** What was done below a supervisor that starts again is to be done again. */
  #redo(path: string): void {
    for (const child of this.childrenOf(path)) {
      this.place(child).isToBeRedone = true;
      this.#redo(child);
    }
  }

  #isOneShot(path: string): boolean {
    const spec = this.spec(path);
    return spec !== undefined && spec.restart !== 'permanent';
  }

  #open(path: string): Place {
    const place = new Place(path);
    this.#places.set(path, place);
    if (place.parent !== '') {
      const siblings = this.#children.get(place.parent) ?? new Set();
      this.#children.set(place.parent, siblings.add(path));
    }
    const spec = this.spec(path);
    if (spec?.kind !== 'service') return place;
    for (const need of spec.needs) {
      const dependants = this.#dependants.get(need.path) ?? [];
      dependants.push({ path, need });
      this.#dependants.set(need.path, dependants);
    }
    return place;
  }
}

function begin(place: Place, event: Extract<TraceEvent, { type: 'starting' }>): void {
  place.incarnation = event.incarnation;
  place.starting = event;
  place.ready = undefined;
  place.asked = undefined;
  place.begun = undefined;
  place.aborted = undefined;
  place.bodyOver = undefined;
  place.over = undefined;
  place.halting = undefined;
  place.isFinished = false;
  place.isToBeRedone = false;
  place.isUnclear = false;
  place.decided = undefined;
  place.startsSinceCall++;
}
