import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of a stack, where in the code of people an error came from. */
export interface FrameOptions {
  /** Paths below it are shown without it. @default the working directory */
  readonly cwd?: string;
  /** How many frames to show. @default 3 */
  readonly most?: number;
}

/** `at fetchRows (services.ts:34:11)`: the first frames that are neither Node's nor a package's. */
export function userFrames(stack: string | undefined, options: FrameOptions = {}): string[] {
  const { cwd = process.cwd(), most = 3 } = options;
  const own = framesIn(stack).filter(({ file }) => !isNodeModule(file) && !isOwn(file));
  return own.slice(0, most).map(({ name, file, place }) => {
    const where = `${shortPath(file, cwd)}:${place}`;
    return name === '' ? `at ${where}` : `at ${name} (${where})`;
  });
}

/** A path as a person would type it. */
export function shortPath(file: string, cwd: string = process.cwd()): string {
  const inside = relative(cwd, file);
  const isOutside = inside === '' || inside.startsWith('..') || isAbsolute(inside);
  return isOutside ? file : inside;
}

/** One line of a stack that is in a file. */
export interface Frame {
  /** Of the function; empty for the outermost code of a file. */
  readonly name: string;
  readonly file: string;
  /** `line:column` */
  readonly place: string;
}

/** The frames of a stack that are in files: those of Node itself are not. */
export function framesIn(stack: string | undefined): Frame[] {
  return (stack ?? '').split('\n').flatMap((line) => frameIn(line) ?? []);
}

function frameIn(line: string): Frame | undefined {
  const match =
    /^\s+at (?:(.+) \()?((?:file:\/\/)?\/?[^():]*(?::[\\/][^():]*)?):(\d+:\d+)\)?$/.exec(line);
  if (!match) return undefined;
  const [, name = '', location = '', place = ''] = match;
  const file = location.startsWith('file:') ? fileURLToPath(location) : location;
  if (!isAbsolute(file)) return undefined;
  return { name: isTopLevel(name) ? '' : name, file, place };
}

/** How V8 calls the outermost code of a file. */
function isTopLevel(name: string): boolean {
  return /^(?:async )?(?:Object\.<anonymous>|ModuleJob\.run|<anonymous>)$/.test(name);
}

/** The package itself: its sources in the repository, its build elsewhere. */
const ownFolder = fileURLToPath(new URL('../../', import.meta.url));

export function isNodeModule(file: string): boolean {
  return file.includes(`${sep}node_modules${sep}`);
}

/** Whether a file is Daruma's. */
export function isOwn(file: string): boolean {
  if (!file.startsWith(ownFolder)) return false;
  return ['src', 'actors', 'bin'].includes(file.slice(ownFolder.length).split(sep, 1)[0] ?? '');
}
