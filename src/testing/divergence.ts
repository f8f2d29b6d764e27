import type { AnySupervisor } from '../define/definition.ts';
import type { FaultPlan } from './plan.ts';
import { type RunOptions, runPlan } from './run-plan.ts';
import { canonicalLine, type Trace, type TraceEvent } from './trace.ts';
import { escapeLines } from './world/enter.ts';
import type { Escape } from './world/world.ts';

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

/** Runs a plan that does not repeat once more, and sees who reads the time or draws a number. */
export async function suspectsOf(
  makeTree: () => AnySupervisor,
  plan: FaultPlan,
  options: RunOptions,
): Promise<readonly Escape[]> {
  const strict = { ...options, escapes: 'record', isStrict: true } as const;
  const { trace } = await runPlan(makeTree, plan, strict);
  return trace.header.escapes ?? [];
}

/** What a report says of them. */
export function suspectLines(suspects: readonly Escape[]): string[] {
  return suspects.length === 0 ? [] : ['What it may be:', ...escapeLines(suspects)];
}
