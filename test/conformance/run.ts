import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeTotals, describeVerdict } from './report.ts';
import { runScenario, type Verdict } from './runner.ts';

/**
 * Runs a file of scenarios: `npm run conformance -- FILE`.
 * Exit codes: 0 all passed, 1 something failed, 2 the file cannot be read or is no list.
 */
async function main([file, ...others]: readonly string[]): Promise<number> {
  if (file === undefined || others.length > 0) return refuse('usage: npm run conformance -- FILE');
  const scenarios = read(file);
  if (typeof scenarios === 'string') return refuse(scenarios);
  const defects: unknown[] = [];
  process.on('uncaughtException', (error) => defects.push(error));
  const verdicts: Verdict[] = [];
  for (const scenario of scenarios) {
    const verdict = await runScenario(scenario);
    verdicts.push(defects.length === 0 ? verdict : blamed(verdict, defects.splice(0)));
    console.log(describeVerdict(verdicts.at(-1) as Verdict));
  }
  console.log(`\n${describeTotals(verdicts)}`);
  return verdicts.every(({ kind }) => kind === 'passed') ? 0 : 1;
}

/** The scenarios, or why there are none. */
function read(file: string): readonly unknown[] | string {
  // npm runs a script in the folder of the package, wherever it was called.
  const folders = [process.cwd(), process.env.INIT_CWD ?? process.cwd()];
  const paths = folders.map((folder) => resolve(folder, file));
  const path = paths.find((candidate) => existsSync(candidate)) ?? file;
  try {
    const scenarios: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Array.isArray(scenarios) ? scenarios : `${file} is not an array of scenarios.`;
  } catch (error) {
    return `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** What reached the process is a defect of the library, whatever the scenario looks at. */
function blamed(verdict: Verdict, defects: readonly unknown[]): Verdict {
  const faults = defects.map((defect) => `the process caught: ${describeDefect(defect)}`);
  const log = 'log' in verdict ? verdict.log : [];
  return { kind: 'error', name: verdict.name, faults, log };
}

function describeDefect(defect: unknown): string {
  return defect instanceof Error ? (defect.stack ?? defect.message) : String(defect);
}

function refuse(problem: string): number {
  console.error(problem);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
