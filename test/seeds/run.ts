/**
 * `npm run seeds`: runs every test that a row of rows.json names, and says which rows are proven.
 * Ends with 1 when a row has no proof and no reason, or a test is missing or failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type Proof, proofsOf, readRows, standing } from './rows.ts';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

/** The outcome of every test in these files: `passed`, `failed`, `skipped`, by file and title. */
function outcomes(files: readonly string[]): Map<string, { title: string; status: string }[]> {
  const folder = mkdtempSync(join(tmpdir(), 'daruma-seeds-'));
  const outputFile = join(folder, 'report.json');
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...files];
  const reporters = ['--reporter=json', `--outputFile=${outputFile}`];
  try {
    spawnSync(process.execPath, [...vitest, ...reporters], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const report = JSON.parse(readFileSync(outputFile, 'utf8')) as Report;
    return new Map(
      report.testResults.map(({ name, assertionResults }) => [
        relative(process.cwd(), name),
        assertionResults.map(({ ancestorTitles, title, status }) => ({
          title: [...ancestorTitles, title].join(' > '),
          status,
        })),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const rows = readRows();
const files = [...new Set(rows.flatMap((row) => proofsOf(row).map(({ file }) => file)))].sort();
console.log(`${rows.length} rows; running ${files.length} test files ...`);
const ran = outcomes(files);

function complaint({ file, title }: Proof): string | undefined {
  const found = ran.get(file)?.filter((test) => ` > ${test.title}`.endsWith(` > ${title}`)) ?? [];
  if (found.length === 0) return `there is no test '${title}' in ${file}`;
  const bad = found.find(({ status }) => status !== 'passed');
  return bad && `'${title}' in ${file} is ${bad.status}`;
}

const counts = { proven: 0, out: 0, waiting: 0, open: 0 };
let complaints = 0;
for (const row of rows) {
  const faults = proofsOf(row).flatMap((proof) => complaint(proof) ?? []);
  const state = standing(row);
  if (state === 'open') faults.push('it has neither a test nor a reason');
  for (const fault of faults) console.log(`${row.id}: ${fault}`);
  complaints += faults.length;
  if (faults.length === 0 || state !== 'proven') counts[state]++;
}
console.log(
  `${counts.proven} proven, ${counts.out} out with a reason, ${counts.waiting} waiting, ${counts.open} open, ${complaints} complaints`,
);
for (const row of rows)
  if (standing(row) === 'waiting') console.log(`  ${row.id} waits: ${row.waits}`);
process.exitCode = complaints > 0 ? 1 : 0;
