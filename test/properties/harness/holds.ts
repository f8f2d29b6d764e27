import fc from 'fast-check';
import type { Fold } from '../folds/ledger.ts';
import { pinned } from '../pinned.ts';
import { type History, printed } from './history.ts';
import type { Plan } from './plan.ts';
import { type Emphasis, plans } from './plan-arbitrary.ts';
import { runPlan } from './runner.ts';

/** The same plans in every run of the suite; `DARUMA_SEED` draws others. */
export const seed = Number(process.env.DARUMA_SEED ?? 42);

/** How many runs a property gets: `DARUMA_RUNS` for the long ones. */
export const runsOr = (usual: number): number => Number(process.env.DARUMA_RUNS ?? usual);

/** What a test of so many runs may take, its shrinking included. */
export const timeoutOf = (runs: number): number => 60_000 + runs * 200;

const usualRuns = 150;

export interface Claim {
  /** What it is about. */
  readonly emphasis?: Emphasis;
  readonly runs?: number;
}

/** Checks that a fold finds nothing wrong in the runs of random plans. */
export async function holds(fold: Fold, claim: Claim = {}): Promise<void> {
  await check(async (plan) => {
    const history = await runPlan(plan);
    fc.pre(!history.isUnfinished);
    complain(fold(history), history);
  }, claim);
}

/** The same for a predicate that runs the plan itself. */
export async function check(
  predicate: (plan: Plan) => Promise<void>,
  { emphasis = {}, runs = usualRuns }: Claim,
): Promise<void> {
  const numRuns = runsOr(runs);
  await fc.assert(fc.asyncProperty(plans(emphasis), predicate), {
    seed,
    numRuns: numRuns + pinned.length,
    // Counterexamples of the past.
    examples: pinned.map((plan) => [plan]),
    interruptAfterTimeLimit: timeoutOf(numRuns) - 5_000,
    maxSkipsPerRun: 1,
  });
}

/** Throws what is wrong, with the last of what happened. */
export function complain(faults: readonly string[], history: History): void {
  if (faults.length === 0) return;
  const lines = printed(history).split('\n');
  const shown = lines.length > 120 ? [...lines.slice(0, 60), '   ...', ...lines.slice(-60)] : lines;
  throw new Error(`${faults.slice(0, 5).join('\n')}\n\n${shown.join('\n')}`);
}
