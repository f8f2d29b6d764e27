import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { shortPath, userFrames } from '../testing/frames.ts';
import { UsageError } from './usage-error.ts';

/** Why a file of the user could not be imported, and what to do about it. */
export function importFault(error: unknown, path: string): UsageError {
  const file = shortPath(path);
  if (!(error instanceof Error)) {
    return new UsageError(`${file} throws while it is imported: ${String(error)}`, {
      cause: error,
    });
  }
  const { code } = error as NodeJS.ErrnoException;
  const { at, lines } = excerptOf(error.stack);
  const where = at ?? file;
  switch (code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return unsupported(error, where, lines, path);
    case 'ERR_INVALID_TYPESCRIPT_SYNTAX':
      return told(error, `${where} is not TypeScript: ${error.message}.`, lines);
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
      return told(error, `${error.message}.`, [], 'Packages must be published as JavaScript.');
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return told(error, `${error.message}.`, [], 'Use .ts, .mts, .js or .mjs.');
    case 'ERR_MODULE_NOT_FOUND':
    case 'MODULE_NOT_FOUND':
    case 'ERR_UNSUPPORTED_DIR_IMPORT':
      return notFound(error, file);
  }
  if (error instanceof SyntaxError) return syntax(error, where, lines, path);
  const message = `${file} throws while it is imported. ${error.name}: ${error.message}`;
  return told(error, message, userFrames(error.stack));
}

function told(
  cause: Error,
  message: string,
  details: readonly string[],
  hint?: string | undefined,
): UsageError {
  return new UsageError(message, { details, hint, cause });
}

/** What Node cannot strip, as it calls it, and what to write instead. */
const erasable: readonly (readonly [RegExp, string])[] = [
  [/\benum\b/, "an object: const Color = { red: 'red' } as const;"],
  [/parameter property/, 'a field that the constructor assigns: readonly url: string;'],
  [/namespace|module declaration/, 'a file of its own, or an object.'],
  [/import equals|`?import =/, "import name from 'package';"],
  [/export assignment|`?export =/, 'export default.'],
];

function unsupported(
  error: Error,
  where: string,
  lines: readonly string[],
  path: string,
): UsageError {
  const instead = erasable.find(([pattern]) => pattern.test(error.message))?.[1];
  const first = instead === undefined ? 'Write it in erasable syntax' : `Write ${instead}`;
  const hint = [
    first,
    'tsc finds all such places with "erasableSyntaxOnly": true.',
    `Or run it with tsx: node --import tsx node_modules/.bin/daruma run ${shortPath(path)}`,
  ].join('\n');
  const what = error.message.replace(/ is not supported in strip-only mode$/, '');
  return told(error, `${where}: Node only strips types, and cannot run a ${what}.`, lines, hint);
}

function syntax(error: Error, where: string, lines: readonly string[], path: string): UsageError {
  const missing = /'([^']+)' does not provide an export named '([^']+)'/.exec(error.message);
  if (missing) {
    const [, from, name] = missing;
    const hint = `If it is a type: import type { ${name} } from '${from}';`;
    return told(error, `${where} imports ${name}, which ${from} does not export.`, lines, hint);
  }
  if (/import statement outside a module|Unexpected token 'export'/.test(error.message)) {
    const message = `${where} is an ES module, and its package.json says that it is not.`;
    return told(error, message, lines, 'npm pkg set type=module');
  }
  const hint = lines.length === 0 ? `node --check ${shortPath(path)} shows where.` : undefined;
  return told(error, `${where} has a syntax error: ${error.message}.`, lines, hint);
}

function notFound(error: Error, file: string): UsageError {
  const importer = shortPath(/ imported from (.+?)\n?$/m.exec(error.message)?.[1] ?? file);
  const name = /Cannot find package '([^']+)'/.exec(error.message)?.[1];
  if (name !== undefined) {
    const isAlias = /^[@~#]\//.test(name);
    return told(
      error,
      `${importer} imports the package ${name}, which is not installed.`,
      [],
      isAlias ? 'Paths of tsconfig.json do not exist at run time.' : `npm install ${name}`,
    );
  }
  const { url } = error as { url?: string };
  const wanted = url === undefined ? undefined : fileURLToPath(url);
  if (wanted === undefined) return told(error, `${importer}: ${error.message}`, []);
  const near = nearFile(wanted);
  const hint = near && `There is ${shortPath(near)}: Node wants the whole name of a file.`;
  return told(error, `${importer} imports ${shortPath(wanted)}, which is not there.`, [], hint);
}

/** The file that somebody meant who is used to tools that guess extensions. */
function nearFile(wanted: string): string | undefined {
  const stem = wanted.replace(/\.[cm]?[jt]sx?$/, '');
  const guesses = ['.ts', '.mts', '.js', '.mjs', '/index.ts', '/index.js'];
  return guesses.map((guess) => stem + guess).find((path) => path !== wanted && existsSync(path));
}

interface Excerpt {
  /** `file.ts:3` */
  readonly at: string | undefined;
  /** The line, and what points at the place in it. */
  readonly lines: readonly string[];
}

/** Node puts the source in front of the stack of a syntax error. */
function excerptOf(stack: string | undefined): Excerpt {
  const head = /^(.+):(\d+)\n([\s\S]*?)\n\s*\n?\w*SyntaxError/.exec(stack ?? '');
  if (!head) return { at: undefined, lines: [] };
  const [, location = '', line = '', source = ''] = head;
  const path = location.startsWith('file:') ? fileURLToPath(location) : location;
  return { at: `${shortPath(path)}:${line}`, lines: pointedAt(source.split('\n')) };
}

/** Only the line that is pointed at, without what stands around it. */
function pointedAt(lines: readonly string[]): string[] {
  const pointer = lines.findIndex((line) => /^\s*\^+\s*$/.test(line));
  if (pointer < 1) return [];
  return [lines[pointer - 1] ?? '', lines[pointer] ?? ''];
}
