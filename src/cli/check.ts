import { type CompiledTree, compileTree } from '../define/compile.ts';
import type { AnySupervisor } from '../define/definition.ts';
import { freshSeed } from '../kernel/random.ts';
import { type Availability, measureAvailability } from '../testing/availability.ts';
import {
  type Behaviour,
  behaviourAt,
  behaviourOf,
  type FullBehaviour,
} from '../testing/behaviour.ts';
import {
  type CheckOptions,
  type CheckReport,
  checkTree,
  TreeCheckError,
} from '../testing/check-tree.ts';
import { type Cost, measureCosts } from '../testing/costs.ts';
import { Exhibit, type SeenTimes } from '../testing/exhibit.ts';
import { shortPath } from '../testing/frames.ts';
import type { Origin } from '../testing/regressions.ts';
import { TreeInfo } from '../testing/tree-info.ts';
import { checkJson } from './check-json.ts';
import { checkJournal } from './check-log.ts';
import { behavioursFrom } from './check-options.ts';
import { checkText } from './check-text.ts';
import { exitCodes } from './exit-codes.ts';
import { findFile, importFile, loadServices } from './load-file.ts';
import { defaultBootWithinMs, defaultGraceMs, type Outlook, outlookOf } from './outlook.ts';
import { paintFor } from './style.ts';

export interface CheckCommandOptions {
  /** Fault plans that are tried. */
  readonly runs: number;
  /** @default drawn at random */
  readonly seed?: number;
  /** Virtual hours of failures. @default as many as it takes for about 400 failures */
  readonly hours?: number;
  readonly mtbf: number;
  readonly mttr: number;
  /** `path=mtbf:1h,mttr:5s` */
  readonly service: readonly string[];
  /** Milliseconds. */
  readonly reboot: number;
  /** Milliseconds; Infinity: as long as it takes. */
  readonly grace?: number;
  /** A folder: a failure is put there, and those that are there are tried first. */
  readonly failures: string;
  /** A journal of `daruma run`: it is looked at instead. */
  readonly log?: string;
  readonly json?: boolean;
}

/** All that a check has found. */
export interface CheckResult {
  readonly compiled: CompiledTree;
  readonly tree: TreeInfo;
  readonly seed: number;
  readonly outlook: Outlook;
  readonly seen: SeenTimes;
  readonly report: CheckReport;
  /** undefined: nothing was violated. */
  readonly failure: TreeCheckError | undefined;
  readonly hours: number;
  readonly behaviours: ReadonlyMap<string, FullBehaviour>;
  readonly availability: Availability;
  readonly costs: readonly Cost[];
}

/**
 * `daruma check`: what becomes of the tree of a file when things go wrong, with stubs for bodies.
 *
 * @returns the code to exit with
 * @throws UsageError, DefinitionError
 */
export async function check(
  file: string,
  args: readonly string[],
  options: CheckCommandOptions,
): Promise<number> {
  const root = await loadServices(file, args);
  if (options.log !== undefined) {
    return checkJournal(root, options.log, { json: options.json === true });
  }
  const path = findFile(file);
  const { simulate } = await importFile(path);
  const graceMs = options.grace ?? defaultGraceMs;
  const compiled = compileTree(root, { graceMs });
  const tree = new TreeInfo(compiled.root);
  const given = behavioursFrom(simulate, options.service, tree, shortPath(path));
  const usual = { mtbf: options.mtbf, mttr: options.mttr };
  const behaviours = new Map(
    tree.services().map(({ path, spec }) => {
      const behaviour: Behaviour = given.get(path) ?? {};
      return [path, behaviourOf(spec, behaviour, usual)] as const;
    }),
  );
  const origin: Origin = {
    services: path,
    // What the file says of itself is read again with it.
    stubs: Object.fromEntries(behavioursFrom(undefined, options.service, tree, shortPath(path))),
    graceMs: Number.isFinite(graceMs) ? graceMs : 'infinity',
  };
  const settings = { ...options, grace: graceMs, origin };
  const result = await examine(root, compiled, tree, behaviours, settings);
  const { stdout } = process;
  const text = options.json
    ? checkJson(result)
    : checkText(result, { paint: paintFor(stdout), columns: stdout.columns });
  stdout.write(`${text}\n`);
  return result.failure ? exitCodes.violations : exitCodes.clean;
}

async function examine(
  root: AnySupervisor,
  compiled: CompiledTree,
  tree: TreeInfo,
  behaviours: ReadonlyMap<string, FullBehaviour>,
  options: CheckCommandOptions & { readonly grace: number; readonly origin: Origin },
): Promise<CheckResult> {
  const { grace: graceMs, seed = freshSeed() % 2 ** 31 } = options;
  const outlook = outlookOf(compiled.root, graceMs, defaultBootWithinMs);
  const exhibit = new Exhibit(root, behaviourAt(tree, behaviours));
  const { runs, origin, failures: regressions } = options;
  const { report, failure } = await survey(exhibit, { runs, seed, origin, regressions });
  const hours = options.hours ?? hoursFor(behaviours, options.reboot);
  const settings = {
    seed,
    hours,
    behaviourOf: (at: string) => behaviours.get(at),
    rebootMs: options.reboot,
    graceMs,
  };
  const availability = await measureAvailability(root, tree, settings);
  const costs = await measureCosts(root, tree, availability, settings);
  const { seen } = exhibit;
  return {
    compiled,
    tree,
    seed,
    outlook,
    seen,
    report,
    failure,
    hours,
    behaviours,
    availability,
    costs,
  };
}

async function survey(
  { makeTree, workload }: Exhibit,
  options: CheckOptions & { readonly origin: Origin },
): Promise<{ report: CheckReport; failure: TreeCheckError | undefined }> {
  const { graceMs: grace = defaultGraceMs } = options.origin;
  try {
    const report = await checkTree(makeTree, { ...options, workload, system: { grace } });
    return { report, failure: undefined };
  } catch (error) {
    if (!(error instanceof TreeCheckError)) throw error;
    return { report: error.report, failure: error };
  }
}

/** Failures in the whole tree that give figures a reader can believe, and take a second or so. */
const wantedFailures = 400;
const hourMs = 3_600_000;

/** A round number of hours in which about so many failures happen. */
function hoursFor(behaviours: ReadonlyMap<string, FullBehaviour>, leastMs: number): number {
  let perHour = 0;
  for (const { mtbfMs, mttrMs } of behaviours.values()) {
    perHour += hourMs / Math.max(mtbfMs + mttrMs, leastMs, 1);
  }
  if (perHour === 0) return 1_000;
  const hours = Math.max(1, wantedFailures / perHour);
  const magnitude = 10 ** Math.floor(Math.log10(hours));
  return Math.ceil(hours / magnitude) * magnitude;
}
