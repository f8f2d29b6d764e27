import { readFileSync } from 'node:fs';
import { messageOf } from '../events.ts';
import { shortPath } from '../testing/frames.ts';
import type { Violation } from '../testing/invariant.ts';
import { readJournal } from '../testing/log-trace.ts';
import { Trace } from '../testing/trace.ts';
import { findFile } from './load-file.ts';
import { UsageError } from './usage-error.ts';

/** A trace from a file, and the violation that it was kept for. */
export interface KeptTrace {
  readonly trace: Trace;
  readonly violation: Violation | undefined;
  readonly path: string;
}

const like = /\.jsonl$/;

/**
 * Reads a trace that was kept, or the last run of a journal.
 *
 * @throws UsageError when there is no such file, or it is neither
 */
export function readTraceFile(file: string): KeptTrace {
  const path = findFile(file, like);
  const text = readFileSync(path, 'utf8');
  try {
    if (text.startsWith('{"journal"')) {
      const trace = readJournal(text).at(-1)?.trace;
      if (trace) return { trace, violation: undefined, path };
    }
    const trace = Trace.fromJSONL(text);
    const { violation } = trace.header as { violation?: Violation };
    if (trace.header?.v === 1) return { trace, violation, path };
  } catch (error) {
    throw notATrace(path, messageOf(error));
  }
  throw notATrace(path, 'its first line is not the header of one.');
}

function notATrace(path: string, why: string): UsageError {
  return new UsageError(`${shortPath(path)} is no trace: ${why}`, {
    hint: 'checkTree(makeTree, { regressions: FOLDER }) keeps those of failures.',
  });
}
