import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** Files below a folder of the repository, as paths from its root; none when it does not exist. */
export function filesBelow(folder: string, extension: RegExp): string[] {
  let names: string[];
  try {
    names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter((name) => extension.test(name))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort();
}

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** The 1-based line of an offset. */
export function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length;
}

const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const string = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y;
const regex = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
const words = /[\w\s$]+/y;
const templateText = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])+/y;
const templateMark = /`|\$\{/y;
const beforeRegex =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|void|throw|await|else|yield))\s*$/;

const spaces = (text: string): string => text.replace(/[^\n]/g, ' ');

function blanked(token: string): string {
  if (/^\/[/*]/.test(token)) return spaces(token);
  if (token.length < 2 || !/^['"/]/.test(token)) return token;
  const quote = token.startsWith("'") ? "'" : '"';
  return quote + spaces(token.slice(1, -1)) + quote;
}

/**
 * The source with comments and the text of strings, templates and regular expressions replaced by
 * spaces. Length and lines stay, so that an offset means the same place in both; quotes stay too.
 */
export function codeOnly(source: string): string {
  let code = '';
  // One entry for each open template: how many braces are open inside its `${}`, -1 in its text.
  const open: number[] = [];
  const enter = (depth: number): void => void open.splice(-1, 1, depth);
  const next = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = code.length;
    return pattern.exec(source)?.[0];
  };
  const nextCode = (): string =>
    next(words) ??
    next(comment) ??
    next(string) ??
    (source[code.length] === '/' && beforeRegex.test(code.slice(-200)) ? next(regex) : undefined) ??
    source.charAt(code.length);

  while (code.length < source.length) {
    const depth = open.at(-1);
    if (depth === -1) {
      const mark = next(templateMark);
      if (mark === '`') open.pop();
      else if (mark) enter(0);
      code += mark ?? spaces(next(templateText) ?? ' ');
    } else {
      const token = nextCode();
      if (token === '`') open.push(-1);
      else if (token === '{' && depth !== undefined) enter(depth + 1);
      else if (token === '}' && depth !== undefined) enter(depth - 1);
      code += blanked(token);
    }
  }
  return code;
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** `import type` or `export type`: nothing is left of it at run time. */
  readonly typeOnly: boolean;
}

const importStatement = /\b(?:import|export)\s+(?:[^'"`;()=]*?\bfrom\s*)?(['"])( *)\1/g;
const importCall = /\bimport\s*\(\s*(['"])( *)\1/g;

/** Every static and dynamic import and re-export with a literal specifier. */
export function importsOf(source: string): Import[] {
  const code = codeOnly(source);
  return [importStatement, importCall].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => {
      const end = match.index + match[0].length - 1;
      return {
        specifier: source.slice(end - (match[2]?.length ?? 0), end),
        line: lineAt(source, match.index),
        typeOnly: /^(?:import|export)\s+type\b/.test(match[0]),
      };
    }),
  );
}
