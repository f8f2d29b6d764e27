import { show } from './show.ts';

/**
 * A name is one segment of a path: not empty, without `/` and white space, not beginning with `$`.
 * `*`, `.` and `..` are reserved. A wrong one becomes the sentence that the compiler shows.
 */
export type ValidName<Name extends string> = Name extends ''
  ? 'a name is not empty'
  : Name extends `${string}/${string}`
    ? 'a name contains no /'
    : Name extends `${string} ${string}`
      ? 'a name contains no white space'
      : Name extends `$${string}`
        ? 'a name does not begin with $'
        : Name extends '*' | '.' | '..'
          ? 'this name is reserved'
          : Name;

/** What is wrong with a name, or undefined. The rule of `ValidName`, for all white space. */
export function faultOfName(name: unknown): string | undefined {
  if (typeof name !== 'string') return `is ${show(name)}, not a string`;
  if (name === '') return 'is empty';
  if (name === '*' || name === '.' || name === '..') return `${show(name)} is reserved`;
  if (name.startsWith('$')) return `${show(name)} begins with $`;
  if (name.includes('/')) return `${show(name)} contains a /`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\s\u0000-\u001f\u007f]/.test(name)) return `${show(name)} contains white space`;
  return undefined;
}

/** Whether `path` is `ancestor` or lies below it. */
export function isWithin(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}/`);
}
