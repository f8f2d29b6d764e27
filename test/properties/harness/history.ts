import type { StopReport } from '../../../src/kernel/report.ts';
import { type BodyEntry, type CallEntry, type Entry, type EventEntry, lineOf } from './log.ts';
import type { Plan } from './plan.ts';
import type { Shape } from './shape.ts';

/** What is left of a body when everything is over. */
export interface RunEnd {
  readonly run: number;
  readonly path: string;
  readonly incarnation: number;
  readonly isOver: boolean;
  readonly isAborted: boolean;
  /** `ctx.signal` was the same at its begin and at the end. */
  readonly isSameSignal: boolean;
}

/** All that a run left behind, for the invariants to look at. */
export interface History {
  readonly plan: Plan;
  readonly shape: Shape;
  readonly entries: readonly Entry[];
  readonly runs: readonly RunEnd[];
  /** Of every path at the end. */
  readonly statuses: ReadonlyMap<string, string>;
  /** Of each event, what the listener that comes last saw: [seq, status]. */
  readonly echoes: readonly (readonly [number, string])[];
  /** Rule 21, of every static supervisor. */
  readonly worstCases: ReadonlyMap<string, number>;
  /** Armed at the end, those of the bodies not counted. */
  readonly timersLeft: number;
  /** More happened in one instant than any tree may cause. */
  readonly isLooping: boolean;
  /** So much happened that the run was given up before its end: nothing can be said of it. */
  readonly isUnfinished: boolean;
  /** Errors that reached the process. */
  readonly escaped: readonly unknown[];
  readonly report: StopReport | undefined;
  /** Listeners that are scripted to throw did so. */
  readonly throws: boolean;
}

interface Sorted {
  readonly events: EventEntry[];
  readonly bodies: BodyEntry[];
  readonly calls: CallEntry[];
}

const sortedOnce = new WeakMap<History, Sorted>();

function sorted(history: History): Sorted {
  const known = sortedOnce.get(history);
  if (known) return known;
  const { entries } = history;
  const kinds = {
    events: entries.filter((entry) => entry.kind === 'event'),
    bodies: entries.filter((entry) => entry.kind === 'body'),
    calls: entries.filter((entry) => entry.kind === 'call'),
  };
  sortedOnce.set(history, kinds);
  return kinds;
}

export const eventsOf = (history: History): readonly EventEntry[] => sorted(history).events;
export const bodiesOf = (history: History): readonly BodyEntry[] => sorted(history).bodies;
export const callsOf = (history: History): readonly CallEntry[] => sorted(history).calls;

/** For reading a counterexample. */
export function printed(history: History): string {
  return history.entries
    .filter((entry) => entry.kind !== 'timer')
    .map(lineOf)
    .join('\n');
}
