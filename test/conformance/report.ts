import type { Mismatch } from './assertions.ts';
import type { Verdict } from './runner.ts';

/** The events at the end of a log are those that matter; a runaway scenario has very many. */
const longestLog = 200;

/** A line for a scenario that passed; for another also what was expected, observed and logged. */
export function describeVerdict(verdict: Verdict): string {
  if (verdict.kind === 'passed') return `ok    ${verdict.name}`;
  if (verdict.kind === 'error') {
    const faults = verdict.faults.map((fault) => `      ${fault}`);
    return [`ERROR ${verdict.name}`, ...faults, ...describeLog(verdict.log)].join('\n');
  }
  return [
    `FAIL  ${verdict.name}`,
    ...verdict.mismatches.flatMap((mismatch) => describeMismatch(verdict.step, mismatch)),
    ...describeLog(verdict.log),
  ].join('\n');
}

export function describeTotals(verdicts: readonly Verdict[]): string {
  const passed = verdicts.filter(({ kind }) => kind === 'passed').length;
  return `${passed} passed, ${verdicts.length - passed} failed`;
}

function describeMismatch(step: string, { what, expected, observed }: Mismatch): string[] {
  return [
    `      ${step}, ${what}:`,
    `        expected ${show(expected)}`,
    `        observed ${show(observed)}`,
  ];
}

function describeLog(log: readonly string[]): string[] {
  const left = log.length - longestLog;
  const shown = left > 0 ? [`        ... ${left} before`, ...log.slice(left)] : log;
  return ['      event log:', ...(shown.length === 0 ? ['        (empty)'] : shown.map(indented))];
}

const indented = (line: string): string => `        ${line}`;

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
