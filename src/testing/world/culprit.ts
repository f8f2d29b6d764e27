import { fileURLToPath } from 'node:url';
import { framesIn, isNodeModule, isOwn, shortPath } from '../frames.ts';

/** A stack that was recorded, and is only made text when somebody reads it. */
export interface Stack {
  readonly stack?: string;
}

/** Who stands behind a call. Daruma's own code is nobody's mistake. */
export type Culprit =
  | { readonly kind: 'user' | 'package'; readonly line: string }
  | { readonly kind: 'daruma' | 'node'; readonly line?: undefined };

const mostFrames = 50;

/** The stack of whoever called `below`, however few frames errors have at the moment. */
export function recordStack(below: object): Stack {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = mostFrames;
  const holder: Stack = {};
  Error.captureStackTrace(holder, below as () => unknown);
  Error.stackTraceLimit = stackTraceLimit;
  return holder;
}

/** The first frame of the user's own, or else of a package. */
export function culpritIn({ stack }: Stack): Culprit {
  const frames = framesIn(stack).filter(({ file }) => !isMachinery(file));
  const [nearest] = frames;
  if (!nearest) return { kind: 'node' };
  // Whoever waits for Daruma may be on the stack as well.
  if (isOwn(nearest.file)) return { kind: 'daruma' };
  const own = frames.find(({ file }) => !isNodeModule(file) && !isOwn(file));
  return own ? { kind: 'user', line: lineOf(own) } : { kind: 'package', line: lineOf(nearest) };
}

function lineOf({ file, place }: { readonly file: string; readonly place: string }): string {
  return `${shortPath(file)}:${place.split(':', 1)[0]}`;
}

/** What stands between a call and whoever made it. */
function isMachinery(file: string): boolean {
  return file.startsWith(thisFolder) || /[\\/]node_modules[\\/](?:xstate|rxjs)[\\/]/.test(file);
}

const thisFolder = fileURLToPath(new URL('.', import.meta.url));
