/** A variable of the environment that belongs to a place. */
export interface EnvSetting {
  readonly path: string;
  /** Key after key; empty: the variable holds all values of the place. */
  readonly keys: readonly string[];
}

const prefix = 'DARUMA__';

/** The variables that are meant for a tree, in alphabetical order. */
export function darumaVariables(
  env: Readonly<Record<string, string | undefined>>,
): readonly (readonly [name: string, text: string])[] {
  return Object.entries(env)
    .filter((entry): entry is [string, string] => {
      return entry[0].startsWith(prefix) && entry[1] !== undefined;
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * What a variable sets: of the paths that it begins with, the longest counts. A path is compared
 * without case, and with `_` for whatever a shell does not allow in a name.
 */
export function settingOf(name: string, paths: Iterable<string>): EnvSetting | undefined {
  const rest = name.slice(prefix.length);
  let found: EnvSetting | undefined;
  for (const path of paths) {
    const start = variableOf(path);
    const isWhole = rest.length === start.length;
    if (rest.slice(0, start.length).toLowerCase() !== start.toLowerCase()) continue;
    if (!isWhole && !rest.startsWith('__', start.length)) continue;
    if (found && path.length <= found.path.length) continue;
    const keys = isWhole ? [] : rest.slice(start.length + 2).split('__');
    if (!keys.includes('')) found = { path, keys };
  }
  return found;
}

/** The name of the variable that sets a key of a place. */
export function variableFor(path: string, keys: readonly PropertyKey[]): string {
  return [`${prefix}${variableOf(path)}`, ...keys.map(String)].join('__');
}

function variableOf(path: string): string {
  return path
    .split('/')
    .map((name) => name.replaceAll(/[^A-Za-z0-9_]/g, '_'))
    .join('__');
}

/** What a text says: JSON where it is JSON, else the text itself. */
export function meaningOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
