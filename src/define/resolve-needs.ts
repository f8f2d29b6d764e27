import { type AnyDefinition, isDefinition } from './definition.ts';
import { didYouMean } from './did-you-mean.ts';
import { type Directory, passingRoot } from './directory.ts';
import type { Faults } from './faults.ts';
import { isWithin } from './names.ts';
import { isOptional } from './needs.ts';
import { isQueue } from './queue.ts';
import { show } from './show.ts';
import type { NeedSpec } from './spec.ts';

/** Who needs, and where to look. */
export interface Dependant {
  readonly path: string;
  readonly directory: Directory;
  readonly faults: Faults;
}

/** The needs of a service with the paths of what it needs; those that are wrong are left out. */
export function resolveNeeds(dependant: Dependant, needs: unknown): readonly NeedSpec[] {
  if (needs === undefined) return [];
  if (typeof needs !== 'object' || needs === null || Array.isArray(needs) || isDefinition(needs)) {
    const message = `needs is ${show(needs)}; it must be an object.`;
    const hint = 'needs: { database }: its keys are the names in ctx.needs.';
    dependant.faults.add('DARUMA_INVALID_OPTION', dependant.path, message, { hint });
    return [];
  }
  const resolved: NeedSpec[] = [];
  for (const [key, value] of Object.entries(needs)) {
    const optional = isOptional(value);
    const path = resolve(dependant, key, optional ? value.target : value, optional);
    if (path !== undefined && isAllowed(dependant, key, path)) {
      resolved.push(Object.freeze({ key, path, optional }));
    }
  }
  return Object.freeze(resolved);
}

function resolve(
  dependant: Dependant,
  key: string,
  target: unknown,
  optional: boolean,
): string | undefined {
  if (typeof target === 'string') return resolvePath(dependant, key, target, optional);
  if (isDefinition(target)) return resolveDefinition(dependant, key, target, optional);
  if (typeof target !== 'function') {
    refuseTarget(dependant, key, show(target), isQueue(target) ? ofQueue : undefined);
    return undefined;
  }
  const result = call(target);
  if (isDefinition(result)) return resolveDefinition(dependant, key, result, optional);
  const hasThrown = result instanceof Error;
  const takesJob = target.length > 0;
  const did = takesJob
    ? 'takes an argument'
    : `${hasThrown ? 'threw' : 'returned'} ${show(result)}`;
  const hint = takesJob || !hasThrown ? ofJob : undefined;
  refuseTarget(dependant, key, `a function that ${did}`, hint);
  return undefined;
}

const ofQueue =
  'Jobs are added with ctx.jobs.enqueue(queue, payload), by everybody. To wait for who runs them, need its worker.';
const ofJob =
  "A service outlives every job, so it cannot need what is made for one: that goes into 'perJob' of the worker, and is found in job.needs.";

function call(thunk: unknown): unknown {
  try {
    return (thunk as () => unknown)();
  } catch (error) {
    return error;
  }
}

function refuseTarget(
  { path, faults }: Dependant,
  key: string,
  what: string,
  hint: string | undefined,
): void {
  faults.add(
    'DARUMA_NOT_A_DEFINITION',
    path,
    `needs.${key} is ${what}; it must be a definition, () => definition or an absolute path.`,
    {
      hint: what.endsWith('undefined')
        ? `A forgotten import, or files that import each other: write ${key}: () => ${key}.`
        : hint,
    },
  );
}

function resolvePath(
  { path, directory, faults }: Dependant,
  key: string,
  target: string,
  optional: boolean,
): string | undefined {
  const isPassing = directory.kindAt(target) === undefined && hasPassingParent(directory, target);
  if (directory.kindAt(target) !== undefined || isPassing) return target;
  const message = `needs.${key} is '${target}', which is not in the tree.`;
  // Thousands of needs may be wrong at once, after a new name for the root.
  const meant = faults.found.length < 50 ? nearestPath(directory, target) : undefined;
  const hint = meant ?? 'A path is absolute: it begins with the name of the root.';
  if (optional) faults.warn('DARUMA_UNKNOWN_NEED', path, message, { hint });
  else faults.add('DARUMA_UNKNOWN_NEED', path, message, { hint });
  return undefined;
}

/** Whether a path that is not there may be that of something that comes and goes. */
function hasPassingParent(directory: Directory, path: string): boolean {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const kind = directory.kindAt(path.slice(0, end));
    if (kind !== undefined) return kind === 'dynamic';
  }
  return false;
}

function nearestPath(directory: Directory, target: string): string | undefined {
  const paths = [...directory.paths()];
  const bare = target.replace(/^\/+/, '');
  const below = paths.find((path) => path === bare || path.endsWith(`/${bare}`));
  return below === undefined ? didYouMean(target, paths) : `Did you mean '${below}'?`;
}

function resolveDefinition(
  { path, directory, faults }: Dependant,
  key: string,
  definition: AnyDefinition,
  optional: boolean,
): string | undefined {
  const all = directory.placesOf(definition);
  const lasting = all.filter((place) => passingRoot(directory, place, path) === undefined);
  const places = lasting.length > 0 ? lasting : all.slice(0, 1);
  const [place] = places;
  const what = `needs.${key}, ${show(definition)},`;
  if (place === undefined && !optional) {
    faults.add('DARUMA_UNKNOWN_NEED', path, `${what} is not in the tree.`, {
      hint: `Add it to the children of a supervisor, or write optional(${key}) to go without.`,
    });
  } else if (places.length > 1) {
    faults.add(
      'DARUMA_AMBIGUOUS_NEED',
      path,
      `${what} is in the tree ${places.length} times: ${places.join(', ')}.`,
      { hint: `Say which by its path: ${key}: '${place}'.` },
    );
    return undefined;
  }
  return place;
}

/** Nothing waits for what waits for it, or for what comes and goes. */
function isAllowed({ path, directory, faults }: Dependant, key: string, need: string): boolean {
  const code = 'DARUMA_INVALID_NEED';
  if (isWithin(path, need)) {
    if (path === need) {
      const circle = `needs.${key} is itself: ${path} -> ${path}.`;
      faults.add('DARUMA_NEEDS_CYCLE', path, circle, { hint: 'Remove it.' });
      return false;
    }
    const what = `${need}, the supervisor that it belongs to`;
    faults.add(code, path, `needs.${key} is ${what}: it would wait for itself.`, {
      hint: 'Need the sibling that it is really about.',
    });
    return false;
  }
  const root = passingRoot(directory, need, path);
  if (root === undefined) return true;
  const what = root === need ? need : `${need}, inside ${root}`;
  faults.add(code, path, `needs.${key} is ${what}, a child that comes and goes.`, {
    hint: 'Dynamic and spawned children may have needs, not be one. Need their supervisor instead.',
  });
  return false;
}
