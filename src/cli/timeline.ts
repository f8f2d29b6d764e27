import { writeFileSync } from 'node:fs';
import { messageOf } from '../events.ts';
import { diffTraces, renderDiff } from '../testing/diff.ts';
import { shortPath } from '../testing/frames.ts';
import { timelineHtml } from '../testing/timeline.ts';
import { exitCodes } from './exit-codes.ts';
import { marks, paintFor } from './style.ts';
import { readTraceFile } from './trace-file.ts';
import { UsageError } from './usage-error.ts';

/**
 * `daruma timeline`: a trace as one page of HTML.
 *
 * @param out where it is written @default beside the trace, ending in .html
 * @returns the code to exit with
 * @throws UsageError
 */
export function timeline(file: string, out: string | undefined): number {
  const { trace, violation, path } = readTraceFile(file);
  const page = out ?? `${path.replace(/(?:\.trace)?\.jsonl$/, '')}.html`;
  try {
    writeFileSync(page, timelineHtml(trace, violation));
  } catch (error) {
    throw new UsageError(`${shortPath(page)} cannot be written: ${messageOf(error)}.`);
  }
  const { stdout } = process;
  stdout.write(`${paintFor(stdout)('green', marks.good)} Wrote ${shortPath(page)}\n`);
  return exitCodes.clean;
}

/**
 * `daruma diff`: what two traces do not have in common.
 *
 * @returns the code to exit with: 0 when they are the same
 * @throws UsageError
 */
export function diff(a: string, b: string): number {
  const result = diffTraces(readTraceFile(a).trace, readTraceFile(b).trace);
  process.stdout.write(renderDiff(result));
  return result.isSame ? exitCodes.clean : exitCodes.violations;
}
