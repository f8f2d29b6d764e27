import type { AnySupervisor } from '../define/definition.ts';
import { type Divergence, divergenceOf } from './divergence.ts';
import { checkTrace, type Invariant, type Violation } from './invariant.ts';
import { defaultInvariants } from './invariants/defaults.ts';
import { readRegression } from './regressions.ts';
import { eventLine } from './report.ts';
import { type RunOptions, runPlan } from './run-plan.ts';
import type { Trace } from './trace.ts';

export interface ReplayOptions extends RunOptions {
  /** @default those of supervision and of the batteries */
  readonly invariants?: readonly Invariant[];
}

export interface Replay {
  /**
   * `same`: the invariant is violated again; `fixed`: none is; `other`: another one is. `diverged`:
   * the plan does not give the same run twice, so that nothing of this means anything.
   */
  readonly outcome: 'same' | 'fixed' | 'other' | 'diverged';
  /** What the file says was violated. */
  readonly expected: Violation;
  /** What is violated now. */
  readonly violation: Violation | undefined;
  readonly trace: Trace;
  /** The first event that is not as in the file; or, when diverged, not as in another run. */
  readonly divergence: Divergence | undefined;
}

/** Runs a failure that was kept in a file again, and compares event by event. */
export async function replay(
  makeTree: () => AnySupervisor,
  file: string,
  options: ReplayOptions = {},
): Promise<Replay> {
  const kept = await readRegression(file);
  const { trace, simulation } = await runPlan(makeTree, kept.plan, options);
  const again = await runPlan(makeTree, kept.plan, options);
  const unstable = divergenceOf(trace, again.trace);
  const invariants = options.invariants ?? defaultInvariants;
  const violations = checkTrace(simulation.tree, trace, invariants);
  const expected = kept.violation;
  const same = violations.find(({ invariant }) => invariant === expected.invariant);
  const violation = same ?? violations[0];
  return {
    outcome: unstable ? 'diverged' : same ? 'same' : violation ? 'other' : 'fixed',
    expected,
    violation,
    trace,
    divergence: unstable ?? divergenceOf(kept.trace, trace),
  };
}

/** What a replay has found, for people. */
export function replayMessage({ outcome, expected, violation, divergence }: Replay): string {
  const lines = [first()];
  if (violation) lines.push(`${violation.invariant}: ${violation.message}`);
  if (divergence) {
    const { at, expected: before, got } = divergence;
    const [was, is] = outcome === 'diverged' ? ['first', 'then'] : ['file', 'now'];
    lines.push(`The first event that differs is number ${at}:`);
    lines.push(`  ${was.padEnd(5)} ${before ? eventLine(before) : 'nothing more happens'}`);
    lines.push(`  ${is.padEnd(5)} ${got ? eventLine(got) : 'nothing more happens'}`);
  }
  return lines.join('\n');

  function first(): string {
    switch (outcome) {
      case 'same':
        return `${expected.invariant} is violated again${divergence ? ', in another run than before' : ', by the very same run'}.`;
      case 'fixed':
        return `Fixed: ${expected.invariant} is not violated any more, nor is anything else.`;
      case 'other':
        return `${expected.invariant} is not violated any more; something else is.`;
      case 'diverged':
        return 'Two runs of the plan are not the same: something in the tree does not go through ctx.';
    }
  }
}
