import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type AnySupervisor, isDefinition } from '../define/definition.ts';
import { closest } from '../define/did-you-mean.ts';
import { show } from '../define/show.ts';
import { shortPath } from '../testing/frames.ts';
import { importFault } from './import-fault.ts';
import { firstFew } from './style.ts';
import { UsageError } from './usage-error.ts';

/**
 * Imports a services file and takes its default export.
 *
 * @param args what the file finds in `process.argv` after its own name
 * @throws UsageError when there is no such file, it cannot be imported, or exports something else
 */
export async function loadServices(
  file: string,
  args: readonly string[] = [],
): Promise<AnySupervisor> {
  const path = findFile(file);
  process.argv = [process.argv[0] ?? 'node', path, ...args];
  return rootOf(await importFile(path), shortPath(path));
}

/**
 * The absolute path of a file that is there.
 *
 * @param like names of files that may be meant instead
 * @throws UsageError that says which is near
 */
export function findFile(file: string, like = importable): string {
  const path = resolve(file);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return path;
  const folder = found?.isDirectory() ? path : dirname(path);
  const others = filesIn(folder, like);
  const meant = found ? undefined : closest(basename(path), withShortNames(others));
  const problem = found ? `${file} is a folder.` : `There is no ${file} in ${process.cwd()}.`;
  throw new UsageError(problem, { hint: hintFor(folder, others, meant) });
}

function hintFor(folder: string, others: readonly string[], meant?: string): string | undefined {
  const near = (name: string) => shortPath(join(folder, name));
  if (meant !== undefined) {
    const whole =
      others.find((name) => name === meant) ?? others.find((name) => stem(name) === meant);
    return `Did you mean ${near(whole ?? meant)}?`;
  }
  if (others.length > 0) return `Near it: ${firstFew(others.map(near), 5)}.`;
  return 'daruma init writes a project to start from.';
}

/** Neither declarations nor tests nor the configuration of tools. */
const importable = /(?<!\.(?:d|test|spec|config))\.[cm]?[jt]s$/;

function filesIn(folder: string, like: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => like.test(name))
      .sort();
  } catch {
    return [];
  }
}

/** `services` is near `services.ts` as well. */
function withShortNames(names: readonly string[]): string[] {
  return names.flatMap((name) => [name, stem(name)]);
}

function stem(name: string): string {
  return basename(name, extname(name));
}

/** Imports a file of the user; what goes wrong is told in the user's terms. */
export async function importFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  const onStuck = () => {
    const message = `${shortPath(path)} never finishes loading: a top-level await does not settle.`;
    process.stderr.write(`✖ ${message}\n`);
    process.exitCode = 2;
  };
  // Nothing keeps the process alive while an import waits for something that never comes.
  process.once('beforeExit', onStuck);
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw importFault(error, path);
  } finally {
    process.off('beforeExit', onStuck);
  }
}

function rootOf(module: Readonly<Record<string, unknown>>, file: string): AnySupervisor {
  const root = module.default;
  if (isDefinition(root) && root.kind === 'supervisor') return root;
  if (root === undefined || isBare(root)) throw withoutDefault(module, file);
  const message = `The default export of ${file} is ${show(root)}; it must be a supervisor.`;
  throw new UsageError(message, { hint: hintForRoot(root) });
}

/** What Node makes of a file that neither imports nor exports anything: `module.exports`, untouched. */
function isBare(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Reflect.ownKeys(value).length === 0;
}

function withoutDefault(module: Readonly<Record<string, unknown>>, file: string): UsageError {
  const named = Object.entries(module).filter(([name]) => /^(?!default$)\w+$/.test(name));
  const root = named.find(([, value]) => isDefinition(value) && value.kind === 'supervisor');
  const found =
    named.length === 0
      ? 'nothing'
      : firstFew(
          named.map(([name]) => name),
          5,
        );
  return new UsageError(`${file} has no default export; it exports ${found}.`, {
    hint: root
      ? `export default ${root[0]};`
      : "export default supervisor('app', [first, second]);",
  });
}

function hintForRoot(root: unknown): string {
  if (isDefinition(root)) return `export default supervisor('app', [${root.name}]);`;
  if (typeof (root as { run?: unknown } | null)?.run === 'function') {
    return 'Export the definition instead: daruma makes the system of it.';
  }
  if (Array.isArray(root)) return "export default supervisor('app', [...]);";
  return "export default supervisor('app', [first, second]);";
}
