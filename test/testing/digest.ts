/**
 * Prints the digest over the traces of generated plans, of all reference trees together:
 * `node digest.ts <plans> <sync|macrotask>`.
 */
import fc from 'fast-check';
import { type Drain, faultPlans, runPlan, treeInfoOf } from '../../src/testing/index.ts';
import { digestOf } from '../../src/testing/trace.ts';
import { referenceTrees } from './reference-trees.ts';

export async function digestOfPlans(plans: number, drain: Drain): Promise<string> {
  const trees = Object.values(referenceTrees);
  const digests: string[] = [];
  for (const { make, workload } of trees) {
    const numRuns = Math.ceil(plans / trees.length);
    for (const plan of fc.sample(faultPlans(treeInfoOf(make())), { seed: 1, numRuns })) {
      const { trace } = await runPlan(make, plan, { drain, ...(workload && { workload }) });
      digests.push(trace.digest);
    }
  }
  return digestOf(digests.join('\n'));
}

if (import.meta.main) {
  const [plans = '500', drain = 'sync'] = process.argv.slice(2);
  console.log(await digestOfPlans(Number(plans), drain as Drain));
}
