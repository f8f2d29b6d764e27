import { readFileSync } from 'node:fs';
import { compileTree } from '../define/compile.ts';
import type { AnySupervisor } from '../define/definition.ts';
import { messageOf } from '../events.ts';
import { shortPath } from '../testing/frames.ts';
import type { Violation } from '../testing/invariant.ts';
import { supervisionInvariants } from '../testing/invariants/supervision.ts';
import { checkLog, type JournalRun, type LogCheck, readJournal } from '../testing/log-trace.ts';
import { eventLine } from '../testing/report.ts';
import { TreeInfo } from '../testing/tree-info.ts';
import { exitCodes } from './exit-codes.ts';
import { findFile } from './load-file.ts';
import { counted, firstFew, indented, marks, type Paint, paintFor } from './style.ts';
import { UsageError } from './usage-error.ts';

/** One run in a journal, looked at. */
interface LookedAt {
  readonly run: JournalRun;
  readonly check: LogCheck;
}

/**
 * `daruma check FILE --log JOURNAL`: the invariants over what really happened. Each run of the
 * journal is judged by the tree that it was started with.
 *
 * @returns the code to exit with
 * @throws UsageError when there is no such journal, or it is none
 */
export function checkJournal(
  root: AnySupervisor,
  file: string,
  { json }: { readonly json: boolean },
): number {
  const path = findFile(file, /\.(?:jsonl|log)$/);
  const runs = read(path).map((run): LookedAt => ({ run, check: checkLog(run) }));
  const paint = paintFor(process.stdout);
  const { digest } = new TreeInfo(compileTree(root).root);
  const text = json ? logJson(runs, digest) : logText(runs, digest, paint);
  process.stdout.write(`${text}\n`);
  const isFine = runs.every(({ check }) => check.violations.length === 0);
  return isFine ? exitCodes.clean : exitCodes.violations;
}

function read(path: string): JournalRun[] {
  try {
    const runs = readJournal(readFileSync(path, 'utf8'));
    if (runs.length > 0) return runs;
  } catch (error) {
    throw new UsageError(`${shortPath(path)} is no journal: ${messageOf(error)}`, {
      hint: 'daruma run services.ts --journal FILE writes one.',
      cause: error,
    });
  }
  throw new UsageError(`${shortPath(path)} is empty.`);
}

function logJson(runs: readonly LookedAt[], digest: string): string {
  const data = {
    ok: runs.every(({ check }) => check.violations.length === 0),
    runs: runs.map(({ run, check }) => ({
      events: run.trace.events.length,
      isCut: run.isCut,
      gaps: run.gaps,
      isSameTree: run.tree.digest === digest,
      violations: check.violations.map((violation) => ({
        ...violation,
        evidence: evidenceOf(violation, run),
      })),
      unjudged: check.unjudged,
    })),
  };
  return JSON.stringify(data, null, 2);
}

function logText(runs: readonly LookedAt[], digest: string, paint: Paint): string {
  return runs.map((each, index) => runText(each, index + 1, digest, paint)).join('\n\n');
}

/** Violations of one run that are told in full; the others are counted. */
const mostViolations = 5;

function runText({ run, check }: LookedAt, number: number, digest: string, paint: Paint): string {
  const { violations, unjudged } = check;
  const isGood = violations.length === 0;
  const judged = supervisionInvariants.length - unjudged.length;
  const mark = isGood ? paint('green', marks.good) : paint('red', marks.bad);
  const what = isGood
    ? `${judged} of ${supervisionInvariants.length} invariants are judged and hold`
    : `${counted(violations.length, 'violation')} of the ${judged} of ${supervisionInvariants.length} invariants that are judged`;
  const lines = [`${mark} run ${number}: ${what} in ${counted(run.trace.events.length, 'event')}`];
  for (const violation of violations.slice(0, mostViolations)) {
    lines.push('', indented(violationText(violation, run, paint), 2));
  }
  if (violations.length > mostViolations) {
    lines.push('', `  and ${violations.length - mostViolations} more`);
  }
  const notes = [
    ...(run.isCut ? ['its last line is cut off: the process was killed'] : []),
    ...(run.gaps.length > 0
      ? [`events are missing after ${firstFew(run.gaps.map(String), 3)}`]
      : []),
    ...(run.tree.digest === digest ? [] : ['it ran another tree than that of the file']),
    ...notJudged(unjudged),
  ];
  return [...lines, ...notes.map((note) => paint('dim', `  ${note}`))].join('\n');
}

/** A line for each reason, with the invariants that it keeps from being judged. */
function notJudged(unjudged: LogCheck['unjudged']): string[] {
  const byReason = Map.groupBy(unjudged, ({ why }) => why);
  return [...byReason].map(([why, each]) => {
    const names = each.map(({ invariant }) => invariant);
    return `not judged, ${why}: ${firstFew(names, 20)}`;
  });
}

function violationText(violation: Violation, run: JournalRun, paint: Paint): string {
  const { invariant, path, message } = violation;
  const evidence = evidenceOf(violation, run).map(eventLine);
  return [`${paint('bold', invariant)}, at ${path}: ${message}`, ...evidence].join('\n');
}

function evidenceOf({ evidence }: Violation, { trace }: JournalRun) {
  return evidence.flatMap((seq) => trace.events.find((event) => event.seq === seq) ?? []);
}
