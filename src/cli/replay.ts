import { compileTree } from '../define/compile.ts';
import type { AnySupervisor } from '../define/definition.ts';
import { messageOf } from '../events.ts';
import {
  type Behaviour,
  behaviourAt,
  behaviourOf,
  type FullBehaviour,
} from '../testing/behaviour.ts';
import { Exhibit } from '../testing/exhibit.ts';
import { shortPath } from '../testing/frames.ts';
import { readRegression, type StoredRegression } from '../testing/regressions.ts';
import { type Replay, type ReplayOptions, replay, replayMessage } from '../testing/replay.ts';
import { TreeInfo } from '../testing/tree-info.ts';
import { behavioursFrom } from './check-options.ts';
import { exitCodes } from './exit-codes.ts';
import { findFile, importFile, loadServices } from './load-file.ts';
import { indented, marks, paintFor } from './style.ts';
import { readTraceFile } from './trace-file.ts';
import { UsageError } from './usage-error.ts';

export interface ReplayCommandOptions {
  /** The services file. @default the one that the failure is of */
  readonly tree?: string;
  /** Stubs play the bodies, as in `daruma check`. @default as when it was found */
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
  const kept = await readRegression(path);
  const services = servicesOf(kept, options);
  const root = await loadServices(services);
  const { origin } = kept;
  const isStubbed = options.stubs ?? origin?.stubs !== undefined;
  const stage = isStubbed
    ? await stubsOf(root, services, origin?.stubs ?? {})
    : { makeTree: () => root };
  const settings = {
    ...('workload' in stage && { workload: stage.workload }),
    ...(origin?.graceMs !== undefined && { system: { grace: origin.graceMs } }),
  };
  const found = await judged(stage.makeTree, path, settings);
  process.stdout.write(`${options.json ? asJson(found) : asText(found)}\n`);
  return found.outcome === 'fixed' ? exitCodes.clean : exitCodes.violations;
}

function servicesOf({ file, origin }: StoredRegression, { tree }: ReplayCommandOptions): string {
  if (tree !== undefined) return tree;
  if (!origin) {
    throw new UsageError(
      `${shortPath(file)} does not say which services file it is a failure of.`,
      {
        hint: 'Name it: --tree services.ts',
      },
    );
  }
  return findFile(origin.services);
}

/** What a file cannot hold is the user's to give. */
async function judged(
  makeTree: () => AnySupervisor,
  path: string,
  settings: ReplayOptions,
): Promise<Replay> {
  try {
    return await replay(makeTree, path, settings);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(messageOf(error), {
      hint: 'checkTree(makeTree, { invariants, workload, regressions: FOLDER }) runs it again first.',
      cause: error,
    });
  }
}

async function stubsOf(
  root: AnySupervisor,
  file: string,
  said: Readonly<Record<string, Behaviour>>,
): Promise<Pick<Exhibit, 'makeTree' | 'workload'>> {
  const path = findFile(file);
  const { simulate } = await importFile(path);
  const tree = new TreeInfo(compileTree(root).root);
  const given = behavioursFrom(simulate, [], tree, shortPath(path));
  const behaviours = new Map<string, FullBehaviour>(
    tree.services().map(({ path, spec }) => {
      return [path, behaviourOf(spec, { ...given.get(path), ...said[path] }, {})];
    }),
  );
  return new Exhibit(root, behaviourAt(tree, behaviours));
}

function asText(found: Replay): string {
  const paint = paintFor(process.stdout);
  const isFixed = found.outcome === 'fixed';
  const mark = isFixed ? paint('green', marks.good) : paint('red', marks.bad);
  return `${mark} ${indented(replayMessage(found), 2).trimStart()}`;
}

function asJson({ trace, ...found }: Replay): string {
  const digest = found.outcome === 'escaped' ? undefined : trace.digest;
  return JSON.stringify({ ...found, digest }, null, 2);
}
