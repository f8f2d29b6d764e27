import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { show } from '../define/show.ts';
import type { ConfigFile } from '../kernel/system-options.ts';
import { shortPath } from '../testing/frames.ts';
import { findFile, importFile } from './load-file.ts';
import { UsageError } from './usage-error.ts';

/** @throws UsageError when the file is not there or holds something else than an object. */
export async function loadConfig(file: string): Promise<ConfigFile> {
  const path = findFile(file, /\.(?:json|[cm]?[jt]s)$/);
  const name = shortPath(path);
  const isModule = /^\.[cm]?[jt]s$/.test(extname(path));
  const values = isModule ? (await importFile(path)).default : parsed(path, name);
  if (typeof values === 'object' && values !== null && !Array.isArray(values)) {
    return { name, values: values as ConfigFile['values'] };
  }
  const what = isModule ? `The default export of ${name}` : name;
  throw new UsageError(`${what} is ${show(values)}; it must be an object.`, {
    hint: `Values by path: { "app/feed": { "url": "https://example.com" } }`,
  });
}

function parsed(path: string, name: string): unknown {
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const where = placeOf(message, text);
    throw new UsageError(`${name}${where} is not JSON: ${message.split(' in JSON at ')[0]}.`, {
      cause: error,
    });
  }
}

/** `:3:14`, from the position that V8 gives. */
function placeOf(message: string, text: string): string {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position === undefined) return '';
  const before = text.slice(0, Number(position)).split('\n');
  return `:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
