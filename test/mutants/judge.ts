/**
 * Looks for violations in the tree of sources that it lies in, and prints a line of JSON a seed:
 * `node judge.ts '{"seeds":[1,2],"runs":1000,"shrunk":1,"misses":0}'`. Runs in a copy of its own.
 */
import {
  bodyInvariants,
  checkTree,
  type Invariant,
  jobInvariants,
  supervisionInvariants,
  TreeCheckError,
} from '../../src/testing/index.ts';
import { batteryTrees } from '../testing/battery-trees.ts';
import { type ReferenceTree, referenceTrees } from '../testing/reference-trees.ts';
import { wildTrees } from '../testing/wild-trees.ts';

export interface Assignment {
  readonly seeds: readonly number[];
  /** Over all trees together. */
  readonly runs: number;
  /** For the first so many seeds the plan that was found is made smaller. */
  readonly shrunk: number;
  /** With more seeds in vain the others are not tried any more. */
  readonly misses: number;
  /** The bug is one of jobs. */
  readonly isOfJobs?: boolean;
}

/** What one seed has found. */
export interface Finding {
  readonly seed: number;
  /** undefined: nothing. */
  readonly invariant?: string;
  readonly tree?: string;
  readonly message?: string;
  /** Runs until then. */
  readonly runs: number;
  /** Faults of the plan, where it was made smaller. */
  readonly faults?: number;
}

/** A tree that shows a bug at once should not wait for those that do not show it. */
const shares = [0.02, 0.08, 0.3, 0.6];

/** Where a bug is looked for, and by what. */
interface Ground {
  readonly trees: Readonly<Record<string, ReferenceTree>>;
  readonly invariants: readonly Invariant[];
}

const supervised: Ground = {
  trees: referenceTrees,
  invariants: [...supervisionInvariants, ...bodyInvariants],
};
const { mill } = batteryTrees as { readonly mill: ReferenceTree };
const ofJobs: Ground = { trees: { mill }, invariants: jobInvariants };

/** For each seed a few trees that no other seed has. */
const strangers = 8;
/** Long runs of many scenes: a bug that takes several faults is met more often in each. */
const horizon = '5m';
const mostFaults = 130;

async function judge(seed: number, assignment: Assignment): Promise<Finding> {
  const { runs, shrunk, seeds, isOfJobs } = assignment;
  const { trees: known, invariants } = isOfJobs ? ofJobs : supervised;
  const isShrunk = seeds.indexOf(seed) < shrunk;
  const trees = Object.entries(isOfJobs ? known : { ...known, ...wildTrees(strangers, seed) });
  let done = 0;
  for (const [round, share] of shares.entries()) {
    for (const [index, [name, tree]] of trees.entries()) {
      const ownSeed = (seed * shares.length + round) * trees.length + index;
      const own = Math.max(1, Math.round((runs * share) / trees.length));
      const found = await check(name, tree, { invariants, runs: own, seed: ownSeed, isShrunk });
      done += found.runs;
      if (found.invariant) return { ...found, seed, runs: done };
    }
  }
  return { seed, runs: done };
}

interface Search {
  readonly invariants: readonly Invariant[];
  readonly runs: number;
  readonly seed: number;
  readonly isShrunk: boolean;
}

async function check(
  name: string,
  { make, ...options }: ReferenceTree,
  { invariants, runs, seed, isShrunk }: Search,
): Promise<Finding> {
  const shrinkBudget = isShrunk ? '10s' : 0;
  try {
    const faults = { ...options.faults, max: mostFaults };
    const report = await checkTree(make, {
      horizon,
      ...options,
      faults,
      invariants,
      runs,
      seed,
      shrinkBudget,
    });
    return { seed, runs: report.runs };
  } catch (error) {
    if (!(error instanceof TreeCheckError)) {
      return { seed, runs: 1, invariant: 'crash', message: String(error), tree: name };
    }
    const { plan, violation } = error.failure;
    const { invariant, message } = violation;
    const faults = isShrunk ? { faults: plan.faults.length } : {};
    return { seed, runs: error.report.runs, invariant, message, tree: name, ...faults };
  }
}

if (import.meta.main) {
  const assignment = JSON.parse(process.argv[2] ?? '{}') as Assignment;
  console.log('{}');
  let misses = 0;
  for (const seed of assignment.seeds) {
    const finding = await judge(seed, assignment);
    console.log(JSON.stringify(finding));
    if (!finding.invariant && ++misses > assignment.misses) break;
  }
  process.exit(0);
}
