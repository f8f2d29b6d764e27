/**
 * The long versions, with seeds of the day: `npm run acceptance`. A failing seed repeats with
 * `DARUMA_SEED=<seed> npm run acceptance`, and fast-check prints the path to the counterexample.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';

const seed = process.env.DARUMA_SEED ?? String(randomInt(2 ** 31));
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--testTimeout', '3600000'];

interface Step {
  readonly title: string;
  readonly args: readonly string[];
  /** Plans, of each property or in all. */
  readonly runs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const steps: readonly Step[] = [
  { title: 'the whole suite', args: [...vitest] },
  { title: '1,000 plans for each invariant', args: [...vitest, 'test/properties'], runs: 1_000 },
  { title: '10,000 plans over the trees', args: [...vitest, 'test/testing/survive'], runs: 10_000 },
  {
    title: '1,000 programs for storage, and for Maps',
    args: [...vitest, 'test/services/storage/model'],
    runs: 1_000,
  },
  {
    title: '10,000 sequences of what can happen to jobs',
    args: [...vitest, 'test/services/engine/jobs-model'],
    runs: 10_000,
  },
  {
    title: '20 times killed in the middle of 10,000 writes, and of 1,000 jobs',
    args: [...vitest, 'test/process/kill'],
    env: { DARUMA_KILLS: '20' },
  },
  {
    title: 'a minute of ticks, once each, by replicas of which one is killed',
    args: [...vitest, 'test/process/cluster'],
    env: { DARUMA_TICKS: '60' },
  },
  { title: 'conformance', args: ['test/conformance/run.ts', 'test/conformance/cases.json'] },
  { title: 'more conformance', args: ['test/conformance/run.ts', 'test/conformance/more.json'] },
  { title: 'the examples', args: ['test/examples.ts'] },
  { title: 'every benchmark, to its end', args: ['bench/run.ts', '--quick'] },
];

async function passes({ title, args, runs, env: own }: Step): Promise<boolean> {
  console.log(`\n== ${title} (seed ${seed}) ==`);
  const env = {
    ...process.env,
    ...own,
    ...(runs !== undefined && { DARUMA_RUNS: String(runs), DARUMA_SEED: seed }),
  };
  const child = spawn(process.execPath, [...args], { stdio: 'inherit', env });
  const [code] = await once(child, 'exit');
  return code === 0;
}

const failed: string[] = [];
for (const step of steps) if (!(await passes(step))) failed.push(step.title);
if (failed.length > 0) console.log(`\nFailed with seed ${seed}: ${failed.join(', ')}.`);
console.log(`\n${steps.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
