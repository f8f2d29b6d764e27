import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Behaviour } from './behaviour.ts';
import type { Violation } from './invariant.ts';
import type { FaultPlan } from './plan.ts';
import { canonicalLine, Trace, type TraceHeader } from './trace.ts';

/** Where the tree of a failure comes from, so that another process can make the same one. */
export interface Origin {
  /** The services file that exports it by default. */
  readonly services: string;
  /**
   * Stubs played its bodies, as in `daruma check`: what was said of services beside the file.
   *
   * @default bodies were run
   */
  readonly stubs?: Readonly<Record<string, Behaviour>>;
  /** Milliseconds for a whole stop, or 'infinity'. @default that of the system */
  readonly graceMs?: number | 'infinity';
}

/** A failure that was found once, as it is kept in a file. */
export interface Regression {
  /** What it is called: the first part of the name of its file. */
  readonly name: string;
  /** One sentence for whoever finds the file: what it was. */
  readonly about?: string | undefined;
  readonly origin?: Origin | undefined;
  /** The names of the invariants that it was held against. */
  readonly invariants?: readonly string[] | undefined;
  /** Options of its run that are code, which a file cannot hold. */
  readonly unheld?: readonly ('workload' | 'standIns')[] | undefined;
  readonly plan: FaultPlan;
  /** The run in which it showed. */
  readonly trace: Trace;
  readonly violation: Violation;
  /** Of fast-check, where it found it. */
  readonly seed: number | undefined;
  readonly path: string | undefined;
}

/** What a file says beside the trace. */
type Told = Omit<Regression, 'plan' | 'trace'>;

/** A regression and the file that it came from. */
export interface StoredRegression extends Regression {
  readonly file: string;
}

type RegressionHeader = TraceHeader & Told;

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

/** Whether two failures are of one tree: of the same services file, and both with stubs or without. */
export function isSameOrigin(one: Origin | undefined, other: Origin | undefined): boolean {
  const isSameFile =
    one && other ? resolve(one.services) === resolve(other.services) : one === other;
  return isSameFile && (one?.stubs === undefined) === (other?.stubs === undefined);
}

/**
 * Reads one failure.
 *
 * @throws SyntaxError when the file is not one, with its name
 */
export async function readRegression(file: string): Promise<StoredRegression> {
  const trace = readTrace(await readFile(file, 'utf8'), file);
  const { v, tree, plan, deterministic, escapes, globals, origin, ...told } =
    trace.header as RegressionHeader;
  const { violation } = told;
  if (!plan || !violation) {
    throw new SyntaxError(`${file} is not a failure: its first line has no plan and violation.`);
  }
  // In the file it is a path from its folder, wherever that is moved to.
  const services = origin && { ...origin, services: resolve(dirname(file), origin.services) };
  return { ...told, plan, trace, ...(services && { origin: services }), file };
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
  const { plan, trace, origin, ...told } = regression;
  const file = join(folder, `${fileNameOf(told.name)}-${trace.fingerprint.slice(0, 8)}${ending}`);
  const services = origin && { ...origin, services: pathFrom(folder, origin.services) };
  const header = { ...trace.header, plan, ...told, origin: services };
  const lines = [JSON.stringify(header), ...trace.events.map(canonicalLine)];
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

function pathFrom(folder: string, file: string): string {
  return relative(folder, file).replaceAll('\\', '/');
}

function fileNameOf(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'failure';
}
