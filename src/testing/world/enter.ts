import { VirtualClock } from '../virtual-clock.ts';
import { watchEscapes } from './escape-watch.ts';
import { interceptGlobals } from './interception.ts';
import { type Escape, World, within } from './world.ts';

/** What a run does about code that does not go through its context. */
export interface WorldChoices {
  /**
   * Whether `setTimeout`, `Date`, `Math.random` and their like belong to the simulation while it
   * runs: for code that does not take time and chance from its context. @default false
   */
  readonly globals?: boolean | undefined;
  /**
   * What becomes of a run that something left, by a real timer, socket or file. `record`: its trace
   * and its report say so. `throw`: it fails with an `EscapeError`. @default 'record'
   */
  readonly escapes?: 'record' | 'throw' | undefined;
  /**
   * Whether reading the real time and drawing from real chance are escapes as well. A check does so
   * once more when two runs of a plan differ: it takes its time. @default false
   */
  readonly isStrict?: boolean | undefined;
}

/** Something left a simulation that was not to be left. The message names the lines. */
export class EscapeError extends Error {
  override readonly name = 'EscapeError';
  readonly escapes: readonly Escape[];

  constructor(what: string, escapes: readonly Escape[]) {
    super([what, ...escapeLines(escapes), escapeAdvice].join('\n'));
    this.escapes = escapes;
  }
}

export const escapeAdvice =
  'Take time and chance from ctx, or run with globals: true; hand the tree fakes for input and output.';

/** `fetch at feed.ts:12, by app/feed`: a line each. */
export function escapeLines(escapes: readonly Escape[]): string[] {
  return escapes.map(
    ({ what, line, path }) =>
      `  ${what}${line === undefined ? '' : ` at ${line}`}${path === undefined ? '' : `, by ${path}`}`,
  );
}

/**
 * Calls within a world of its own, from a macrotask: only from there can promises be drained at
 * once. Whatever was replaced is put back when what is called has settled, in either way.
 */
export function inNewWorld<Result>(
  seed: number,
  { globals = false, escapes = 'record', isStrict = false }: WorldChoices,
  call: (world: World) => Result | Promise<Result>,
): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  setImmediate(() => {
    const world = new World({ clock: new VirtualClock(), seed, hasGlobals: globals, isStrict });
    const judge = (result: Result) => {
      if (escapes === 'throw' && world.escapes.length > 0) {
        throw new EscapeError('The run left the simulation:', world.escapes);
      }
      return result;
    };
    let leave = () => {};
    // Not in an async function: it would end the macrotask.
    try {
      leave = holdWorld(globals || isStrict);
      const result = within(world, () => call(world));
      if (result instanceof Promise) {
        result.then(judge).finally(leave).then(resolve, reject);
        return;
      }
      resolve(judge(result));
      leave();
    } catch (error) {
      leave();
      reject(error);
    }
  });
  return promise;
}

/** What a run replaces and watches stays so until the end of this: between many runs it is cheaper. */
export function holdWorld(globals = false): () => void {
  const endings = [watchEscapes(), ...(globals ? [interceptGlobals()] : [])];
  return () => {
    for (const end of endings) end();
  };
}
