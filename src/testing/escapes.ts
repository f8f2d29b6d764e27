import { createHook } from 'node:async_hooks';
import { fileURLToPath } from 'node:url';
import type { Trace } from './trace.ts';

/** A way out of a simulation: what happens there takes real time, and differs from run to run. */
export interface Escape {
  /** What was used: `a real timer`, `the network`. */
  readonly what: string;
  /** Where, in code that is neither Daruma's nor of a package: `services.ts:12:5`. */
  readonly line: string | undefined;
}

/** By the beginning of the name that Node has for the resource. */
const ways: readonly (readonly [prefix: string, what: string])[] = [
  ['Timeout', 'a real timer'],
  ['Immediate', 'setImmediate'],
  ['FS', 'the file system'],
  ['FILEHANDLE', 'the file system'],
  ['DIRHANDLE', 'the file system'],
  ['TCP', 'the network'],
  ['TLS', 'the network'],
  ['UDP', 'the network'],
  ['PIPE', 'a pipe'],
  ['HTTP', 'the network'],
  ['GETADDRINFO', 'the network'],
  ['QUERY', 'the network'],
  ['PROCESS', 'a child process'],
  ['WORKER', 'a worker thread'],
  ['PBKDF2', 'the thread pool'],
  ['SCRYPT', 'the thread pool'],
  ['RANDOMBYTES', 'the thread pool'],
  ['ZLIB', 'the thread pool'],
  ['STREAM', 'a stream'],
];

/** Deep enough to get from a socket through the libraries in between to whoever wanted it. */
const frames = 40;

const listeners: ((found: Escape) => void)[] = [];

const hook = createHook({
  trackPromises: false,
  init(_id, type) {
    const way = ways.find(([prefix]) => type.startsWith(prefix));
    const listener = listeners.at(-1);
    if (!way || !listener) return;
    const line = userLine();
    if (line !== undefined) listener({ what: way[1], line });
  },
});

/**
 * Reports what code under test does that a simulation has no hold on, each place once. It is looked
 * for with Node's `async_hooks`, which see every real timer, file and socket, however it was come by.
 * Returns the end of that.
 */
export function watchEscapes(onEscape: (found: Escape) => void): () => void {
  const seen = new Set<string>();
  const listener = (found: Escape) => {
    const key = `${found.what} ${found.line}`;
    if (seen.has(key)) return;
    seen.add(key);
    onEscape(found);
  };
  listeners.push(listener);
  if (listeners.length === 1) hook.enable();
  return () => {
    const index = listeners.indexOf(listener);
    if (index === -1) return;
    listeners.splice(index, 1);
    if (listeners.length === 0) hook.disable();
  };
}

/** The folders of Daruma's own code: `src` and `actors`, of the sources or as they were built. */
const own = ['../../src/', '../../actors/'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);

const here = fileURLToPath(import.meta.url);

/** The nearest line of the code under test; undefined where Daruma stands in between. */
function userLine(): string | undefined {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = frames;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  for (const frame of stack.split('\n').slice(1)) {
    const [, place] = /[( ]((?:file:\/\/|\/|[A-Z]:\\)[^()]*:\d+:\d+)\)?$/.exec(frame) ?? [];
    if (place === undefined) continue;
    const path = place.startsWith('file://') ? fromUrl(place) : place;
    if (path.startsWith(here)) continue;
    // Daruma's own doing, for whoever asked it to: no escape.
    if (own.some((folder) => path.startsWith(folder))) return undefined;
    if (path.includes('node_modules')) continue;
    return path.startsWith(`${process.cwd()}/`) ? path.slice(process.cwd().length + 1) : path;
  }
  return undefined;
}

function fromUrl(place: string): string {
  const [, url = '', position = ''] = /^(.*?)(:\d+:\d+)$/.exec(place) ?? [];
  return fileURLToPath(url) + position;
}

/** Where a run has left its simulation. */
export function escapesOf(trace: Trace): Escape[] {
  return trace.events.flatMap((event) =>
    event.type === 'escape' ? [{ what: event.what, line: event.line }] : [],
  );
}

/** What to say about them, in a line or two; nothing where there are none. */
export function escapesText(escapes: readonly Escape[]): string {
  if (escapes.length === 0) return '';
  const [first] = escapes;
  const more = escapes.length > 1 ? `, and ${escapes.length - 1} more` : '';
  return `The code under test leaves the simulation: ${first?.what} at ${first?.line}${more}. What it does there takes real time and cannot be replayed: use ctx, or hand it a fake.`;
}
