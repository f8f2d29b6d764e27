import fc from 'fast-check';
import { type Duration, parseDuration } from '../../actors/rules/duration.ts';
import type { AnySupervisor } from '../define/definition.ts';
import { type Divergence, divergenceOf, suspectsOf } from './divergence.ts';
import type { Violation } from './invariant.ts';
import { defaultInvariants } from './invariants/defaults.ts';
import type { PlacesOf } from './places.ts';
import type { FaultPlan } from './plan.ts';
import {
  isSameOrigin,
  loadRegressions,
  type Origin,
  type StoredRegression,
  saveRegression,
} from './regressions.ts';
import { failureMessage } from './report.ts';
import { type PlannedRun, runPlan } from './run-plan.ts';
import { type PropertyOptions, plansFor, Search } from './tree-property.ts';
import { holdWorld } from './world/enter.ts';
import type { Escape } from './world/world.ts';

export interface CheckOptions<Path extends string = string> extends PropertyOptions<Path> {
  /** Plans that are tried. @default 300 */
  readonly runs?: number;
  /** Real time after which no more plans are tried. @default no limit */
  readonly budget?: Duration;
  /** @default drawn at random; a failure says it */
  readonly seed?: number;
  /** Together with the seed: goes straight to what a failure was made smaller to. */
  readonly path?: string;
  /** Plans that are tried first: those of earlier failures. */
  readonly plans?: readonly FaultPlan[];
  /** A folder of earlier failures: they are tried first, and a new one is put there. */
  readonly regressions?: string;
  /**
   * Where the tree comes from: kept with a failure, so that `daruma replay FILE` finds it, and in the
   * folder only failures of the same origin are tried.
   */
  readonly origin?: Origin;
}

export interface CheckReport {
  /** Plans that were run, those of shrinking left out. */
  readonly runs: number;
  /** Faults that struck. */
  readonly faults: number;
  readonly events: number;
  readonly simulatedMs: number;
  readonly wallMs: number;
  readonly seed: number;
  /** What left the simulation in any of the runs, each line once: then none of them is repeatable. */
  readonly escapes: readonly Escape[];
}

export interface CheckFailure {
  /** As small as it could be made. */
  readonly plan: FaultPlan;
  /** As it was found. */
  readonly original: FaultPlan;
  readonly violation: Violation;
  readonly run: PlannedRun;
  readonly seed: number;
  /** Of fast-check; undefined for a plan that was given. */
  readonly path: string | undefined;
  readonly shrinkRuns: number;
  /** Where a second run of the same plan went another way; undefined: it did not. */
  readonly divergence: Divergence | undefined;
  /** What read the real time or drew from real chance, where a second run went another way. */
  readonly suspects: readonly Escape[];
  /** It had been found before. */
  readonly isRegression: boolean;
  /** Where it was put. */
  readonly file: string | undefined;
  readonly origin: Origin | undefined;
}

/** A tree broke an invariant. The message says all that is known. */
export class TreeCheckError extends Error {
  override readonly name = 'TreeCheckError';
  readonly failure: CheckFailure;
  readonly report: CheckReport;

  constructor(failure: CheckFailure, report: CheckReport) {
    super(failureMessage(failure, report));
    this.failure = failure;
    this.report = report;
  }
}

/**
 * Runs a tree under many plans of faults and looks at every run with the invariants. The factory
 * makes a fresh tree for each.
 *
 * @throws TreeCheckError with the smallest plan that breaks an invariant
 */
export async function checkTree<Root extends AnySupervisor>(
  makeTree: () => Root,
  options: CheckOptions<PlacesOf<Root>> = {},
): Promise<CheckReport> {
  const startedAt = performance.now();
  const { runs = 300, seed = Math.floor(Math.random() * 2 ** 31), path, regressions } = options;
  const known = (await stored(options)).map(({ plan }) => plan);
  const given = [...known, ...(options.plans ?? [])];
  const search = new Search(makeTree, options);
  const endAt = startedAt + (parseDuration(options.budget) ?? Number.POSITIVE_INFINITY);
  const property = fc.asyncProperty(plansFor(makeTree, options), async (plan) => {
    const isOutOfTime = !search.original && search.counts.runs > 0 && performance.now() > endAt;
    if (!isOutOfTime) await search.try(plan);
  });
  const leave = holdWorld(options.globals);
  const details = await fc
    .check(property, {
      seed,
      // A path leads to one generated plan: those that were given would only shift it.
      ...(path === undefined
        ? { numRuns: runs + given.length, examples: given.map((plan): [FaultPlan] => [plan]) }
        : { numRuns: runs, path }),
    })
    .finally(leave);
  const { counts, smallest, original } = search;
  const { shrinkRuns, ...tried } = counts;
  const report = { ...tried, wallMs: performance.now() - startedAt, seed: details.seed };
  if (!smallest || !original) {
    if (details.failed) throw details.errorInstance ?? new Error('The search itself failed.');
    return report;
  }
  const again = await runPlan(makeTree, smallest.plan, options);
  const divergence = divergenceOf(smallest.run.trace, again.trace);
  const found = {
    plan: smallest.plan,
    original: original.plan,
    violation: smallest.violation,
    // The second one knows where its errors come from.
    run: divergence ? smallest.run : again,
    seed: details.seed,
    path: generatedPath(details.counterexamplePath, path === undefined ? given.length : 0),
    shrinkRuns,
    divergence,
    suspects: divergence ? await suspectsOf(makeTree, smallest.plan, options) : [],
    isRegression: known.includes(original.plan),
    file: undefined,
    origin: options.origin,
  };
  // What is not repeatable is no use to later runs.
  const isRepeatable = !found.divergence && found.run.trace.header.deterministic;
  const isKept = regressions !== undefined && isRepeatable && !found.isRegression;
  const file = isKept ? await keep(regressions, found, options) : undefined;
  throw new TreeCheckError({ ...found, file }, report);
}

/** The path without the plans that were given, which come first; undefined for one of those. */
function generatedPath(path: string | null, given: number): string | undefined {
  const [first = 0, ...steps] = path?.split(':').map(Number) ?? [];
  return path === null || first < given ? undefined : [first - given, ...steps].join(':');
}

async function stored({ regressions, origin }: CheckOptions): Promise<StoredRegression[]> {
  if (regressions === undefined) return [];
  const all = await loadRegressions(regressions);
  return all.filter((each) => isSameOrigin(each.origin, origin));
}

async function keep(folder: string, failure: CheckFailure, options: CheckOptions): Promise<string> {
  const { plan, violation, run, seed, path } = failure;
  const { invariants = defaultInvariants, origin } = options;
  const isCode = (name: 'workload' | 'standIns') => options[name] !== undefined && !origin?.stubs;
  const unheld = (['workload', 'standIns'] as const).filter(isCode);
  return await saveRegression(folder, {
    name: `${run.simulation.tree.root.name}-${violation.invariant}`,
    ...(origin && { origin }),
    invariants: invariants.map((invariant) => invariant.name),
    ...(unheld.length > 0 && { unheld }),
    plan,
    trace: run.trace,
    violation,
    seed,
    path,
  });
}
