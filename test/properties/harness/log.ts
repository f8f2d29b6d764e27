import type { LifecycleEvent } from '../../../src/events.ts';

/** What really happened to a body, as it knows itself. */
export type BodyFact =
  | 'begins'
  /** It says that it is ready. */
  | 'says-ready'
  | 'ends'
  | 'cancelled'
  | 'cleanup-begins'
  | 'cleanup-ends'
  | 'stop-hook-begins'
  | 'stop-hook-ends'
  /** `decide` was asked. */
  | 'decide'
  /** Something below the body's own machine began or was stopped. */
  | 'inner-begins'
  | 'inner-ends'
  /** It called its context after its end. */
  | 'strays';

interface Base {
  /** Position in the log. */
  readonly n: number;
  /** Virtual milliseconds. */
  readonly at: number;
}

export interface EventEntry extends Base {
  readonly kind: 'event';
  readonly event: LifecycleEvent;
  /** The status of its path when the listener was called; of `phase` events the phase. */
  readonly status: string;
}

export interface BodyEntry extends Base {
  readonly kind: 'body';
  readonly what: BodyFact;
  /** Which body: unique in a log. */
  readonly run: number;
  readonly path: string;
  readonly incarnation: number;
  /** How it ended, which step of a cleanup, or what came of a call to a revoked context. */
  readonly detail?: string;
}

export interface CallEntry extends Base {
  readonly kind: 'call';
  readonly what: 'begins' | 'ends';
  readonly call: number;
  readonly fn: string;
  readonly path: string;
  readonly child?: string;
  /** `ok` or the code of its error. */
  readonly result?: string;
}

export interface TimerEntry extends Base {
  readonly kind: 'timer';
  readonly what: 'armed' | 'fired';
  readonly timer: number;
  readonly ms: number;
}

/** A step of the plan begins; after the last one, the system is stopped. */
export interface StepEntry extends Base {
  readonly kind: 'step';
  readonly step: number;
}

export type Entry = EventEntry | BodyEntry | CallEntry | TimerEntry | StepEntry;
type Unplaced<E> = E extends Entry ? Omit<E, 'n' | 'at'> : never;

/** Everything that happens in one run, in one order. */
export class Log {
  readonly entries: Entry[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(entry: Unplaced<Entry>): void {
    this.entries.push({ n: this.entries.length, at: this.#now(), ...entry } as Entry);
  }
}

/** One line, for reading a counterexample. */
export function lineOf(entry: Entry): string {
  const head = `${String(entry.n).padStart(4)} ${String(entry.at).padStart(6)} `;
  switch (entry.kind) {
    case 'event': {
      const { seq, at, time, path, incarnation, type, ...rest } = entry.event;
      const more = JSON.stringify(rest, (key, value) => (key === 'stack' ? undefined : value));
      return `${head}${type} ${path}#${incarnation} ${more === '{}' ? '' : more}`;
    }
    case 'body':
      return `${head}      . ${entry.path}#${entry.incarnation} ${entry.what} ${entry.detail ?? ''}`;
    case 'call': {
      const child = entry.child === undefined ? '' : ` ${entry.child}`;
      return `${head}  > call ${entry.call} ${entry.what} ${entry.fn} ${entry.path}${child} ${entry.result ?? ''}`;
    }
    case 'timer':
      return `${head}      timer ${entry.timer} ${entry.what} ${entry.ms}`;
    case 'step':
      return `${head}-- step ${entry.step}`;
  }
}
