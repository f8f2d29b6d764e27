import { canonicalLine, type Trace, type TraceEvent } from './trace.ts';

/** The first event in which two runs of one plan differ: something in the tree is not repeatable. */
export interface Divergence {
  /** Position in the trace, from 1. */
  readonly at: number;
  readonly expected: TraceEvent | undefined;
  readonly got: TraceEvent | undefined;
}

/** Undefined when the traces are the same. */
export function divergenceOf(expected: Trace, got: Trace): Divergence | undefined {
  const length = Math.max(expected.events.length, got.events.length);
  for (let index = 0; index < length; index++) {
    const one = expected.events[index];
    const other = got.events[index];
    if (one && other && canonicalLine(one) === canonicalLine(other)) continue;
    return { at: index + 1, expected: one, got: other };
  }
  return undefined;
}
