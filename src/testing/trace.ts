import { createHash } from 'node:crypto';
import type { LifecycleEvent } from '../events.ts';
import type { HandlerNote, JobNote } from './job-notes.ts';
import type { Fault, FaultPlan } from './plan.ts';
import { EscapeError } from './world/enter.ts';
import type { Escape } from './world/world.ts';

/** What a simulation puts on record beside the lifecycle events of the tree. */
export type SimulationHappening =
  /** A fault struck. */
  | { readonly type: 'fault'; readonly fault: Fault }
  /** What the user wrote begins to run for an incarnation, and is over. */
  | { readonly type: 'body-begun' }
  | { readonly type: 'body-over' }
  /** The signal of an incarnation was aborted. */
  | { readonly type: 'aborted' }
  /** A hook of the definition was called; `answer` is what `decide` said, none where it threw. */
  | { readonly type: 'hook'; readonly hook: string; readonly answer?: string }
  /** A body used its context, and was not refused. Told of bodies that do not look at their signal. */
  | { readonly type: 'context-used'; readonly what: string }
  /** Something that an incarnation holds; giving it back begins, and is over, if it failed or not. */
  | {
      readonly type: 'resource';
      readonly did: 'acquired' | 'returning' | 'returned';
      /** In the order of acquisition, from 1. */
      readonly nth: number;
    }
  /** The simulation, or the test, called into the system; the path says about whom. */
  | { readonly type: 'call'; readonly call: string }
  /** The caller heard: `to` is the position of its call, `refusal` the code where it was refused or failed. */
  | { readonly type: 'answered'; readonly to: number; readonly refusal?: string }
  /** An error reached the process that no child was blamed for. */
  | { readonly type: 'uncaught'; readonly message: string }
  /** Something left the simulation: a real timer, socket or file. `line` is the user's. */
  | { readonly type: 'escape'; readonly what: string; readonly line: string | undefined }
  /**
   * What a service stored or looked up, as JSON or its digest; null: nothing. `tried`: the write
   * failed, and may be there or not. Without a key: all of the store.
   */
  | {
      readonly type: 'stored';
      readonly did: 'wrote' | 'tried' | 'read';
      readonly store: string;
      readonly key: string | null;
      readonly value: string | null;
      readonly expires: boolean;
    }
  /**
   * Something was emitted, or a handler of a subscription begun and over. `event`: its position among
   * all events of the bus. Of those with one `key`, one at a time.
   */
  | {
      readonly type: 'bus';
      readonly did: 'emitted' | 'begun' | 'handled' | 'failed';
      readonly topic: string;
      readonly event: number;
      readonly subscription: number | null;
      readonly key: number | null;
      readonly attempt: number;
      readonly error: string | null;
    }
  | JobNote
  | HandlerNote
  /** The process was killed: nothing of the system is left, and the next boot begins anew. */
  | { readonly type: 'killed' }
  /** Put on record by the test. */
  | { readonly type: 'note'; readonly text: string }
  /** The run is over. */
  | {
      readonly type: 'finished';
      readonly pendingTimers: number;
      readonly isLivelock: boolean;
      /** Where timers of global functions that are still armed were armed. */
      readonly leaks?: readonly string[];
    };

export interface TracePlace {
  /** Position in the trace, from 1. */
  readonly seq: number;
  /** Virtual milliseconds since the boot. */
  readonly at: number;
  readonly path: string;
  readonly incarnation: number;
}

/** One line of a trace. */
export type TraceEvent = LifecycleEvent | (TracePlace & SimulationHappening);

export interface TraceHeader {
  readonly v: 1;
  /** The digest of the tree's definition. */
  readonly tree: string;
  readonly plan: FaultPlan;
  /** False when something left the simulation: then nothing promises that it happens again. */
  readonly deterministic: boolean;
  /** What left it, each once. */
  readonly escapes?: readonly Escape[];
  /** The functions of Node for time and chance belonged to the run. */
  readonly globals?: true;
}

/** Everything that happened in one run, in order. The same plan over the same tree gives the same. */
export class Trace implements Iterable<TraceEvent> {
  readonly header: TraceHeader;
  readonly events: readonly TraceEvent[];
  #digest: string | undefined;

  constructor(header: TraceHeader, events: readonly TraceEvent[]) {
    this.header = header;
    this.events = events;
  }

  [Symbol.iterator](): Iterator<TraceEvent> {
    return this.events[Symbol.iterator]();
  }

  of(path: string): TraceEvent[] {
    return this.events.filter((event) => event.path === path);
  }

  /**
   * SHA-256 over the canonical lines: two runs with the same one are the same run. Stacks, lines and
   * the time of day are left out.
   *
   * @throws EscapeError when the run left the simulation: then equal or not says nothing
   */
  get digest(): string {
    const { deterministic, escapes = [] } = this.header;
    if (!deterministic) {
      throw new EscapeError('This run has no digest to compare: it left the simulation.', escapes);
    }
    return this.fingerprint;
  }

  /** The same for a run that may have left the simulation: a name for it, and nothing more. */
  get fingerprint(): string {
    this.#digest ??= digestOf(this.events.map(canonicalLine).join('\n'));
    return this.#digest;
  }

  /** A header line, then a line an event. */
  toJSONL(): string {
    return [this.header, ...this.events].map((line) => `${JSON.stringify(line)}\n`).join('');
  }

  /** @throws SyntaxError when a line is not JSON */
  static fromJSONL(text: string): Trace {
    const [header, ...events] = text
      .split('\n')
      .filter((line) => line.length > 0)
      .map((line) => JSON.parse(line) as unknown);
    return new Trace(header as TraceHeader, events as TraceEvent[]);
  }
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What differs between machines, or with how much of a stack was recorded. */
const leftOut: ReadonlySet<string> = new Set(['stack', 'time', 'line', 'leaks']);

/** An event as text that is the same in every process. */
export function canonicalLine(event: TraceEvent): string {
  return JSON.stringify(event, (key, value: unknown) => (leftOut.has(key) ? undefined : value));
}
