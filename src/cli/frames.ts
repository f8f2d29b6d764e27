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
  const frames = (stack ?? '').split('\n').flatMap((line) => frameIn(line) ?? []);
  const own = frames.filter(({ file }) => !isForeign(file));
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

interface Frame {
  readonly name: string;
  readonly file: string;
  readonly place: string;
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

function isForeign(file: string): boolean {
  if (file.includes(`${sep}node_modules${sep}`)) return true;
  if (!file.startsWith(ownFolder)) return false;
  return ['src', 'actors', 'bin'].includes(file.slice(ownFolder.length).split(sep, 1)[0] ?? '');
}
