import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Violation } from './invariant.ts';
import type { FaultPlan } from './plan.ts';
import { canonicalLine, Trace, type TraceHeader } from './trace.ts';

/** A failure that was found once, as it is kept in a file. */
export interface Regression {
  /** What it is called: the first part of the name of its file. */
  readonly name: string;
  readonly plan: FaultPlan;
  /** The run in which it showed. */
  readonly trace: Trace;
  readonly violation: Violation;
  /** Of fast-check, where it found it. */
  readonly seed: number | undefined;
  readonly path: string | undefined;
}

/** A regression and the file that it came from. */
export interface StoredRegression extends Regression {
  readonly file: string;
}

interface RegressionHeader extends TraceHeader {
  readonly name: string;
  readonly violation: Violation;
  readonly seed?: number;
  readonly path?: string;
}

const ending = '.trace.jsonl';

/** All failures kept in a folder, in order of their files; none when it does not exist. */
export async function loadRegressions(folder: string): Promise<StoredRegression[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith(ending)).sort();
  return await Promise.all(files.map((name) => readRegression(join(folder, name))));
}

/**
 * Reads one failure.
 *
 * @throws SyntaxError when the file is not one, with its name
 */
export async function readRegression(file: string): Promise<StoredRegression> {
  const trace = readTrace(await readFile(file, 'utf8'), file);
  const { name, violation, seed, path, plan } = trace.header as RegressionHeader;
  if (!plan || !violation) {
    throw new SyntaxError(`${file} is not a failure: its first line has no plan and violation.`);
  }
  return { name, plan, trace, violation, seed, path, file };
}

function readTrace(text: string, file: string): Trace {
  try {
    return Trace.fromJSONL(text);
  } catch (cause) {
    throw new SyntaxError(`${file} is not a trace: a line of it is not JSON.`, { cause });
  }
}

/**
 * Puts a failure into a folder, which is made if need be. The file says everything that running it
 * again takes; what differs between machines is left out. Returns its path.
 */
export async function saveRegression(folder: string, regression: Regression): Promise<string> {
  const { name, plan, trace, violation, seed, path } = regression;
  const header = { ...trace.header, name, plan, seed, path, violation };
  const lines = [JSON.stringify(header), ...trace.events.map(canonicalLine)];
  const file = join(folder, `${fileNameOf(name)}-${trace.digest.slice(0, 8)}${ending}`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

function fileNameOf(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'failure';
}
