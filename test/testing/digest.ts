/**
 * Prints the digest over the traces of generated plans, of all reference trees together:
 * `node digest.ts <plans> <sync|macrotask>`.
 */
import fc from 'fast-check';
import { type Drain, runPlan } from '../../src/testing/index.ts';
import { digestOf } from '../../src/testing/trace.ts';
import { plansFor } from '../../src/testing/tree-property.ts';
import { batteryTrees } from './battery-trees.ts';
import { referenceTrees } from './reference-trees.ts';

export async function digestOfPlans(plans: number, drain: Drain): Promise<string> {
  const trees = Object.values({ ...referenceTrees, ...batteryTrees });
  const numRuns = Math.ceil(plans / trees.length);
  const digests: string[] = [];
  for (const { make, ...options } of trees) {
    for (const plan of fc.sample(plansFor(make, options), { seed: 1, numRuns })) {
      const { trace } = await runPlan(make, plan, { drain, ...options });
      digests.push(trace.digest);
    }
  }
  return digestOf(digests.join('\n'));
}

if (import.meta.main) {
  const [plans = '500', drain = 'sync'] = process.argv.slice(2);
  console.log(await digestOfPlans(Number(plans), drain as Drain));
}
