/**
 * `npm run bench -- [--quick] [--rounds N] [NAME...]`: measures the benches of these names, or all.
 * Machines are noisy: compare ratios, and look at their spread.
 */
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { business, machine } from './machine.ts';
import { measureAll, type RoundOptions } from './rounds.ts';
import { tablesOf } from './table.ts';

const known = readdirSync(new URL('list', import.meta.url))
  .map((file) => basename(file, '.ts'))
  .sort();

const usage = `Usage: npm run bench -- [--quick] [--rounds N] [NAME...]
Names: ${known.join(', ')}.`;

const { values, positionals } = argumentsOr(usage);
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const options: RoundOptions = {
  rounds: Number(values.rounds ?? (values.quick ? 1 : 3)),
  isQuick: values.quick,
};

const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0 || !(options.rounds >= 1)) {
  console.error(usage);
  process.exit(2);
}

console.log(`${machine()}; ${options.rounds} round${options.rounds === 1 ? '' : 's'}`);
if (options.isQuick) console.log('Quick: everything runs, and no number means anything.');
for (const name of positionals.length > 0 ? positionals : known) {
  const { default: bench } = (await import(`./list/${name}.ts`)) as { default: Bench };
  const before = business();
  const begun = performance.now();
  const rows = await measureAll(bench, options);
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
  console.log(`\n${bench.name}: ${bench.compares}`);
  if (bench.contenders.length > 1) console.log(`×: to ${bench.base}, in the same round.`);
  console.log(`\n${tablesOf(bench, rows)}\n`);
  console.log(`${seconds} s; before: ${before}; after: ${business()}`);
}

function argumentsOr(help: string) {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    console.error(`${(error as Error).message}\n${help}`);
    process.exit(2);
  }
}
