import { compileTree } from '../define/compile.ts';
import type { AnySupervisor } from '../define/definition.ts';
import { behaviourOf, type FullBehaviour } from '../testing/behaviour.ts';
import { Exhibit } from '../testing/exhibit.ts';
import { shortPath } from '../testing/frames.ts';
import type { Invariant } from '../testing/invariant.ts';
import { bodyInvariants } from '../testing/invariants/bodies.ts';
import { supervisionInvariants } from '../testing/invariants/supervision.ts';
import { type Replay, type ReplayOptions, replay, replayMessage } from '../testing/replay.ts';
import { TreeInfo } from '../testing/tree-info.ts';
import { behavioursFrom } from './check-options.ts';
import { exitCodes } from './exit-codes.ts';
import { findFile, importFile, loadServices } from './load-file.ts';
import { indented, marks, paintFor } from './style.ts';
import { readTraceFile } from './trace-file.ts';
import { UsageError } from './usage-error.ts';

export interface ReplayCommandOptions {
  /** The services file. */
  readonly tree: string;
  /** Stubs play the bodies, as in `daruma check`. */
  readonly stubs?: boolean;
  readonly json?: boolean;
}

/**
 * `daruma replay`: runs the plan of a failure that was kept again.
 *
 * @returns the code to exit with: 0 when nothing is violated any more
 * @throws UsageError, DefinitionError
 */
export async function replayFile(file: string, options: ReplayCommandOptions): Promise<number> {
  const { path, violation } = readTraceFile(file);
  if (!violation) {
    throw new UsageError(`${shortPath(path)} is not a failure: there is no plan to run again.`);
  }
  const invariants = invariantsFor(violation.invariant, path);
  const root = await loadServices(options.tree);
  const stage = options.stubs ? await stubsOf(root, options.tree) : undefined;
  const found = stage
    ? await replay(stage.makeTree, path, { ...stage.options, invariants })
    : await replay(() => root, path, { invariants });
  process.stdout.write(`${options.json ? asJson(found) : asText(found)}\n`);
  return found.outcome === 'fixed' ? exitCodes.clean : exitCodes.violations;
}

/** Those among which a failure was found: one that nobody looks for would always count as fixed. */
function invariantsFor(name: string, path: string): readonly Invariant[] {
  for (const invariants of [supervisionInvariants, bodyInvariants]) {
    if (invariants.some((invariant) => invariant.name === name)) return invariants;
  }
  throw new UsageError(`${shortPath(path)} violates ${name}, which is an invariant of yours.`, {
    hint: 'checkTree(makeTree, { invariants, regressions: FOLDER }) runs it again first.',
  });
}

async function stubsOf(
  root: AnySupervisor,
  file: string,
): Promise<{ makeTree: () => AnySupervisor; options: ReplayOptions }> {
  const path = findFile(file);
  const { simulate } = await importFile(path);
  const tree = new TreeInfo(compileTree(root).root);
  const given = behavioursFrom(simulate, [], tree, shortPath(path));
  const behaviours = new Map<string, FullBehaviour>(
    tree.services().map(({ path, spec }) => [path, behaviourOf(spec, given.get(path) ?? {}, {})]),
  );
  const { makeTree, workload } = new Exhibit(root, (at) => behaviours.get(at));
  return { makeTree, options: { workload } };
}

function asText(found: Replay): string {
  const paint = paintFor(process.stdout);
  const isFixed = found.outcome === 'fixed';
  const mark = isFixed ? paint('green', marks.good) : paint('red', marks.bad);
  return `${mark} ${indented(replayMessage(found), 2).trimStart()}`;
}

function asJson({ outcome, expected, violation, divergence, trace }: Replay): string {
  const { digest } = trace;
  return JSON.stringify({ outcome, expected, violation, divergence, digest }, null, 2);
}
