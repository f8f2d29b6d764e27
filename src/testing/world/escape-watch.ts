import { createHook } from 'node:async_hooks';
import { type Replacement, replaceAll } from './replacement.ts';
import { currentWorld } from './world.ts';

/** What a kind of handle of Node is for people; the first that matches. */
const names: readonly (readonly [RegExp, string])[] = [
  [/^Timeout$/, 'a real timer'],
  [/^Immediate$/, 'setImmediate'],
  [/^(FS|FILEHANDLE|STATWATCHER|DIRHANDLE)/, 'a file'],
  [/^HTTP/, 'HTTP'],
  [/^(TCP|PIPE|TLS|UDP|SHUTDOWN|WRITE|STREAM|JSSTREAM)/, 'a socket'],
  [/^(GETADDRINFO|GETNAMEINFO|QUERY|DNS)/, 'a name lookup'],
  [/^PROCESS/, 'a child process'],
  [/^(WORKER|MESSAGEPORT)/, 'a worker'],
  [/^SIGNAL/, 'a signal'],
  [/^TTY/, 'the terminal'],
  [/^(ZLIB|BROTLI)/, 'compression'],
  [/^(PBKDF2|SCRYPT|RANDOM|KEY|SIGN|CIPHER|HASH|DERIVE)/, 'cryptography in a thread'],
];

/** Handles of Node are in capitals; what programs call theirs is their own affair. */
function nameOf(type: string): string | undefined {
  const found = names.find(([pattern]) => pattern.test(type));
  if (found) return found[1];
  return /^[A-Z][A-Z0-9_]+$/.test(type) && type !== 'PROMISE' ? type : undefined;
}

const hook = createHook({
  trackPromises: false,
  init(_id, type) {
    const world = currentWorld();
    const what = world && nameOf(type);
    if (what) world.escape(what);
  },
});

/** By the time a socket opens, nothing tells any more who has asked for it. */
const telling: Replacement = {
  holder: globalThis,
  key: 'fetch',
  make:
    (real: typeof fetch) =>
    (...args: Parameters<typeof fetch>) => {
      currentWorld()?.escape('fetch');
      return real(...args);
    },
};

let watchers = 0;
let putBack: () => void = () => {};

/**
 * Watches for whatever leaves a simulation, and puts it on record in the world that it left. Sees
 * what Node does asynchronously; not what is done at once, as `readFileSync`. Returns its end.
 */
export function watchEscapes(): () => void {
  if (watchers++ === 0) {
    hook.enable();
    putBack = replaceAll([telling]);
  }
  let isWatching = true;
  return () => {
    if (!isWatching) return;
    isWatching = false;
    if (--watchers > 0) return;
    hook.disable();
    putBack();
  };
}
