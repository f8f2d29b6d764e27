import type { AnySupervisor } from '../define/definition.ts';
import { type Divergence, divergenceOf, suspectLines, suspectsOf } from './divergence.ts';
import { checkTrace, type Invariant, type Violation } from './invariant.ts';
import { bodyInvariants } from './invariants/bodies.ts';
import { defaultInvariants } from './invariants/defaults.ts';
import { readRegression, type StoredRegression } from './regressions.ts';
import { eventLine } from './report.ts';
import { type RunOptions, runPlan } from './run-plan.ts';
import type { Trace } from './trace.ts';
import { escapeAdvice, escapeLines } from './world/enter.ts';
import type { Escape } from './world/world.ts';

export interface ReplayOptions extends RunOptions {
  /**
   * Judged as well as those that the failure was found with. Give those of your own: a file holds
   * only their names. @default those that the failure was found with
   */
  readonly invariants?: readonly Invariant[];
}

export interface Replay {
  /**
   * `same`: the invariant is violated again; `fixed`: none is; `other`: another one is. `diverged`:
   * the plan does not give the same run twice, and `escaped`: the run in the file, or this one, left
   * the simulation, so that nothing of this means anything.
   */
  readonly outcome: 'same' | 'fixed' | 'other' | 'diverged' | 'escaped';
  /** What the file says was violated. */
  readonly expected: Violation;
  /** What is violated now. */
  readonly violation: Violation | undefined;
  readonly trace: Trace;
  /** The first event that is not as in the file; or, when diverged, not as in another run. */
  readonly divergence: Divergence | undefined;
  /** What left the simulation. */
  readonly escapes: readonly Escape[];
  /** What read the real time or drew from real chance, when diverged. */
  readonly suspects: readonly Escape[];
  /** Invariants that the failure was found with as well, and that were not given. */
  readonly unjudged: readonly string[];
}

/**
 * Runs a failure that was kept in a file again, compares event by event, and holds it against the
 * invariants that it was found with.
 *
 * @throws TypeError when it was found with an invariant, a workload or stand-ins that are not given
 */
export async function replay(
  makeTree: () => AnySupervisor,
  file: string,
  options: ReplayOptions = {},
): Promise<Replay> {
  const kept = await readRegression(file);
  const { trace: before, violation: expected } = kept;
  const { invariants, unjudged } = invariantsOf(kept, options.invariants ?? []);
  const missing = kept.unheld?.filter((name) => !options[name]) ?? [];
  if (missing.length > 0) {
    const names = missing.join(', ');
    throw new TypeError(
      `${file} was found with options that a file cannot hold: give them, { ${names} }.`,
    );
  }
  const settings = { ...(before.header.globals && { globals: true }), ...options };
  const { trace, simulation } = await runPlan(makeTree, kept.plan, settings);
  const again = await runPlan(makeTree, kept.plan, settings);
  const violations = checkTrace(simulation.tree, trace, invariants);
  const same = violations.find(({ invariant }) => invariant === expected.invariant);
  const violation = same ?? violations[0];
  const escapes = [...(before.header.escapes ?? []), ...(trace.header.escapes ?? [])];
  const found = { expected, violation, trace, escapes, unjudged };
  if (!before.header.deterministic || !trace.header.deterministic) {
    return { ...found, outcome: 'escaped', divergence: undefined, suspects: [] };
  }
  const unstable = divergenceOf(trace, again.trace);
  return {
    ...found,
    outcome: unstable ? 'diverged' : same ? 'same' : violation ? 'other' : 'fixed',
    divergence: unstable ?? divergenceOf(before, trace),
    suspects: unstable ? await suspectsOf(makeTree, kept.plan, settings) : [],
  };
}

/** Those that a failure was found with; one that nobody looks for would always count as fixed. */
function invariantsOf(
  { file, violation, invariants }: StoredRegression,
  given: readonly Invariant[],
): { readonly invariants: readonly Invariant[]; readonly unjudged: readonly string[] } {
  const known = new Map(
    [...defaultInvariants, ...bodyInvariants, ...given].map((each) => [each.name, each]),
  );
  if (!known.has(violation.invariant)) {
    throw new TypeError(
      `${file} violates '${violation.invariant}', which is an invariant of yours: give it, { invariants }.`,
    );
  }
  const names = invariants ?? defaultInvariants.map(({ name }) => name);
  const wanted = new Set([violation.invariant, ...names, ...given.map(({ name }) => name)]);
  return {
    invariants: [...wanted].flatMap((name) => known.get(name) ?? []),
    unjudged: [...wanted].filter((name) => !known.has(name)),
  };
}

/** What a replay has found, for people. */
export function replayMessage(found: Replay): string {
  const { outcome, violation, divergence } = found;
  const lines = [verdict(found)];
  if (violation) lines.push(`${violation.invariant}: ${violation.message}`);
  if (found.unjudged.length > 0) {
    lines.push(`Not judged, because they were not given: ${found.unjudged.join(', ')}.`);
  }
  if (outcome === 'escaped') lines.push(...escapeLines(found.escapes), escapeAdvice);
  if (divergence) {
    const { at, expected: before, got } = divergence;
    const [was, is] = outcome === 'diverged' ? ['first', 'then'] : ['file', 'now'];
    lines.push(`The first event that differs is number ${at}:`);
    lines.push(`  ${was.padEnd(5)} ${before ? eventLine(before) : 'nothing more happens'}`);
    lines.push(`  ${is.padEnd(5)} ${got ? eventLine(got) : 'nothing more happens'}`);
  }
  lines.push(...suspectLines(found.suspects));
  return lines.join('\n');
}

function verdict({ outcome, expected, violation, divergence }: Replay): string {
  const name = expected.invariant;
  switch (outcome) {
    case 'same':
      return `${name} is violated again${divergence ? ', in another run than before' : ', by the very same run'}.`;
    case 'fixed':
      return `Fixed: ${name} is not violated any more, nor is anything else.`;
    case 'other':
      return `${name} is not violated any more; something else is.`;
    case 'diverged':
      return 'Two runs of the plan are not the same: something in the tree does not go through ctx.';
    case 'escaped':
      return `This cannot be replayed: the run leaves the simulation. That ${violation ? 'something' : 'nothing'} was violated this time proves nothing.`;
  }
}
