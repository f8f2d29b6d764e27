import type { TraceEvent } from '../trace.ts';

/**
 * What the events say of a place. `failing`: a start attempt failed and its end is under way.
 * `ended`: down, and its supervisor has said nothing since; it may wait silently.
 */
export type PlaceState =
  | 'none'
  | 'waiting'
  | 'starting'
  | 'running'
  | 'failing'
  | 'stopping'
  | 'ended'
  | 'backoff'
  | 'stopped'
  | 'failed'
  | 'unstopped'
  | 'dropped';

/** A lifecycle event of one type. */
export type Of<Type extends TraceEvent['type']> = Extract<TraceEvent, { type: Type }>;

/** One place of the tree, as far as the events have told. */
export class Place {
  readonly path: string;
  readonly parent: string;
  state: PlaceState = 'none';
  /** The event that led to its state. */
  since: TraceEvent | undefined;
  incarnation = 0;
  /** The latest event about it. */
  last: TraceEvent | undefined;
  /** Of the latest incarnation. */
  starting: Of<'starting'> | undefined;
  ready: TraceEvent | undefined;
  /** When the start of any incarnation of it was last done: it was ready, or said to be not needed. */
  startDone: TraceEvent | undefined;
  asked: Of<'stop-requested'> | undefined;
  /** Its body has begun, its signal was aborted, its body is over: known in simulations only. */
  begun: TraceEvent | undefined;
  aborted: TraceEvent | undefined;
  bodyOver: TraceEvent | undefined;
  /** How it ended, or how its start failed. */
  over: TraceEvent | undefined;
  /** What `decide` said of its failure, as far as the trace tells. */
  decided: Of<'hook'> | undefined;
  /** The latest scheduled restart. */
  backoff: Of<'backoff'> | undefined;
  /** For a supervisor: what made it go down; until it starts again. */
  halting: TraceEvent | undefined;
  /** A one-shot that returned normally: its value stays good. */
  isFinished = false;
  /** What it did counts no longer: it waits to do it again, with its group or its supervisor. */
  isToBeRedone = false;
  /** A one-shot that was abandoned when it had ended by itself: nothing says how it ended. */
  isUnclear = false;
  /** When it was last up. */
  downAt = Number.NEGATIVE_INFINITY;
  /** The latest call on it, and how often it has started since. */
  call: Of<'call'> | undefined;
  startsSinceCall = 0;

  constructor(path: string) {
    this.path = path;
    const end = path.lastIndexOf('/');
    this.parent = end === -1 ? '' : path.slice(0, end);
  }

  /** It has an incarnation that has not been reported as over. */
  get isUp(): boolean {
    const { state } = this;
    return state === 'starting' || state === 'running' || state === 'stopping';
  }

  /** Up, and on its way down: asked to, or by itself with its cleanup still under way. */
  get isGoing(): boolean {
    if (this.state === 'stopping') return true;
    const isLeaving = this.aborted ?? this.bodyOver ?? this.halting;
    return this.isUp && isLeaving !== undefined;
  }

  /** Those who need it may run. */
  get isReady(): boolean {
    return this.state === 'running' || (this.isFinished && !this.isToBeRedone);
  }
}
