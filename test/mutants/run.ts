/**
 * The mutation score: plants one bug at a time in a copy of the kernel and its rules, and lets the
 * library's own checks look for it, with many seeds.
 * `npm run mutants -- [id...] [--seeds n] [--runs n] [--quick] [--all] [--explain]`
 * After two seeds in vain a mutant counts as missed, and with `--all` the others are tried all the same.
 */
import { parseArgs } from 'node:util';
import type { Assignment, Finding } from './judge.ts';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';
import { missesOf, type Score, scoreOf, summaryOf, tableOf } from './score.ts';
import { Workshop } from './workshop.ts';

const usage = `Usage: npm run mutants -- [ID...] [--seeds 20] [--runs 1000] [--quick] [--all] [--explain] [--workers 2]
IDs are in test/mutants/list; without any, all are tried.`;

const { values, positionals } = argumentsOr(usage);
if (values.help) {
  console.log(usage);
  process.exit(0);
}

const chosen =
  positionals.length > 0 ? mutants.filter(({ id }) => positionals.includes(id)) : mutants;
const unknown = positionals.filter((id) => !mutants.some((mutant) => mutant.id === id));
if (unknown.length > 0) {
  console.error(`There is no mutant ${unknown.join(', ')}.\n${usage}`);
  process.exit(2);
}

const seeds = values.quick ? 3 : Number(values.seeds);
const assignment: Assignment = {
  seeds: Array.from({ length: seeds }, (_, nth) => nth + 1),
  runs: Number(values.runs),
  shrunk: values.quick ? 1 : 3,
  misses: values.all ? seeds : missesOf(seeds),
};

for (const { seed, tree, invariant, message } of await objections()) {
  console.error(`Without any mutant, seed ${seed} objects to ${tree}: ${invariant}: ${message}`);
  process.exitCode = 1;
}
const scores = await examineAll(chosen);
console.log(tableOf(scores));
console.log(summaryOf(scores));
if (!scores.every(({ isGood }) => isGood)) process.exitCode = 1;

/** Nothing counts where the original is objected to: then something else is found than what was planted. */
async function objections(): Promise<readonly Finding[]> {
  const workshop = await Workshop.open();
  try {
    const findings = await workshop.examine(undefined, { ...assignment, misses: seeds });
    return findings.filter(({ invariant }) => invariant !== undefined);
  } finally {
    await workshop.close();
  }
}

async function examineAll(waiting: readonly Mutant[]): Promise<Score[]> {
  const results = new Map<Mutant, Score>();
  const queue = [...waiting];
  const work = async () => {
    const workshop = await Workshop.open();
    try {
      for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
        const findings = await workshop.examine(mutant, assignment);
        results.set(mutant, scoreOf(mutant, findings, seeds));
        if (values.explain) for (const finding of findings) console.log(mutant.id, finding);
        else if (process.stderr.isTTY) process.stderr.write('.');
      }
    } finally {
      await workshop.close();
    }
  };
  await Promise.all(Array.from({ length: Number(values.workers) }, work));
  return waiting.flatMap((mutant) => results.get(mutant) ?? []);
}

function argumentsOr(help: string) {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        seeds: { type: 'string', default: '20' },
        runs: { type: 'string', default: '1000' },
        quick: { type: 'boolean', default: false },
        all: { type: 'boolean', default: false },
        explain: { type: 'boolean', default: false },
        workers: { type: 'string', default: '2' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    console.error(`${(error as Error).message}\n${help}`);
    process.exit(2);
  }
}
