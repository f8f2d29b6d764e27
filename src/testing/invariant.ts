import { Book } from './invariants/book.ts';
import type { Trace, TraceEvent } from './trace.ts';
import type { TreeInfo } from './tree-info.ts';

/** Something that must not have happened, with what proves it. */
export interface Violation {
  readonly invariant: string;
  /** Virtual milliseconds since the boot. */
  readonly at: number;
  readonly path: string;
  /** One sentence, with the numbers. */
  readonly message: string;
  /** Positions in the trace of the events that prove it, in order; six at most. */
  readonly evidence: readonly number[];
}

/** A fold over a trace: looks at each event in order, and once more at the end. */
export interface Check {
  onEvent?(event: TraceEvent): Violation | undefined;
  onEnd?(trace: Trace): Iterable<Violation>;
}

/**
 * What a rule has to know that the lifecycle events of a production system do not say: what bodies
 * did, what callers heard (`answers`), and what only a simulation counts (`whole-run`); or say in
 * some logs only: which calls were made on handles, and how the run ended. `instants`: when one is
 * over, which is only known where no timer is late.
 */
export type Knowledge = 'answers' | 'bodies' | 'calls' | 'end' | 'instants' | 'whole-run';

/**
 * A rule that every run of a tree keeps. `safety`: nothing bad ever happens. `liveness`: something
 * good happens in the end; expected only once faults have stopped.
 */
export interface Invariant {
  readonly name: string;
  /** One sentence: what holds. */
  readonly description: string;
  readonly kind: 'safety' | 'liveness';
  /** @default nothing: it holds over any lifecycle log */
  readonly needs?: readonly Knowledge[];
  /**
   * What it looks at is there again after the process was killed: it goes on, where others begin
   * anew. @default false
   */
  readonly isDurable?: boolean;
  /**
   * Begins to look at a run, and anew after each time that the process was killed.
   *
   * @param book what has happened so far, the event that is being looked at left out
   */
  begin(tree: TreeInfo, book: Book): Check;
}

/** More violations than anybody reads: a trace that breaks a rule breaks it many times. */
const enough = 100;

export interface CheckTraceOptions {
  /** By how much every timer may be late: that of a real process is. @default 0 */
  readonly slackMs?: number;
}

/** The violations of a trace, in the order in which they show. */
export function checkTrace(
  tree: TreeInfo,
  trace: Trace,
  invariants: readonly Invariant[],
  { slackMs = 0 }: CheckTraceOptions = {},
): Violation[] {
  let book = new Book(tree, slackMs);
  let checks = invariants.map((invariant) => invariant.begin(tree, book));
  let isDead = false;
  const faults: TraceEvent[] = [];
  const violations: Violation[] = [];
  for (const event of trace) {
    if (event.type === 'killed') {
      // Nothing is owed for what was cut off, and nothing of it is left but what was stored.
      const fresh = new Book(tree, slackMs);
      checks = checks.map((check, index) => {
        const invariant = invariants[index];
        return invariant && !invariant.isDurable ? invariant.begin(tree, fresh) : check;
      });
      book = fresh;
      isDead = true;
      // What a body was struck with is gone with it; other faults outlast it: a clock stays late.
      for (const fault of faults) {
        for (const check of checks) check.onEvent?.(fault);
        book.take(fault);
      }
      continue;
    }
    if (event.type === 'fault' && event.incarnation === 0) faults.push(event);
    if (event.type === 'phase') isDead = false;
    if (event.type === 'finished' && isDead) return violations;
    for (const check of checks) {
      const violation = check.onEvent?.(event);
      if (violation) violations.push(violation);
    }
    book.take(event);
    if (violations.length >= enough) return violations;
  }
  for (const check of checks) violations.push(...(check.onEnd?.(trace) ?? []));
  return violations;
}
