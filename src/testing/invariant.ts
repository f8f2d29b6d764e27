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
  /** Positions in the trace of the three to six events that prove it. */
  readonly evidence: readonly number[];
}

/** A fold over a trace: looks at each event in order, and once more at the end. */
export interface Check {
  onEvent?(event: TraceEvent): Violation | undefined;
  onEnd?(trace: Trace): Iterable<Violation>;
}

/**
 * A rule that every run of a tree keeps. `safety`: nothing bad ever happens. `liveness`: something
 * good happens in the end; expected only once faults have stopped.
 */
export interface Invariant {
  readonly name: string;
  /** One sentence: what holds. */
  readonly description: string;
  readonly kind: 'safety' | 'liveness';
  begin(tree: TreeInfo): Check;
}

/** The violations of a trace, in the order in which they show. */
export function checkTrace(
  tree: TreeInfo,
  trace: Trace,
  invariants: readonly Invariant[],
): Violation[] {
  const checks = invariants.map((invariant) => invariant.begin(tree));
  const violations: Violation[] = [];
  for (const event of trace) {
    for (const check of checks) {
      const violation = check.onEvent?.(event);
      if (violation) violations.push(violation);
    }
  }
  for (const check of checks) violations.push(...(check.onEnd?.(trace) ?? []));
  return violations;
}
