/**
 * The mutation score: plants one bug at a time in a copy of the kernel and its rules, and lets the
 * library's own checks look for it, with many seeds.
 * `npm run mutants -- [id...] [--seeds n] [--runs n] [--quick] [--all] [--explain]`
 * After two seeds in vain a mutant counts as missed, and with `--all` the others are tried all the same.
 */
import { parseArgs } from 'node:util';
import type { Assignment } from './judge.ts';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';
import { missesOf, type Score, scoreOf, summaryOf, tableOf } from './score.ts';
import { Workshop } from './workshop.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '20' },
    runs: { type: 'string', default: '1000' },
    quick: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    explain: { type: 'boolean', default: false },
    workers: { type: 'string', default: '2' },
  },
});

const chosen =
  positionals.length > 0 ? mutants.filter(({ id }) => positionals.includes(id)) : mutants;
const unknown = positionals.filter((id) => !mutants.some((mutant) => mutant.id === id));
if (unknown.length > 0) throw new RangeError(`There is no mutant ${unknown.join(', ')}.`);

const seeds = values.quick ? 3 : Number(values.seeds);
const assignment: Assignment = {
  seeds: Array.from({ length: seeds }, (_, nth) => nth + 1),
  runs: Number(values.runs),
  shrunk: values.quick ? 1 : 3,
  misses: values.all ? seeds : missesOf(seeds),
};

const scores = await examineAll(chosen);
console.log(tableOf(scores));
console.log(summaryOf(scores));
process.exitCode = scores.every(({ isGood }) => isGood) ? 0 : 1;

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
