/**
 * Values by path: `{ 'app/feed': { url: 'https://...' } }`, in code, in a JSON file or in a TypeScript
 * file. The copies of a template have theirs at `'app/pool/*'`.
 */
export type ConfigValues = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Where configuration comes from. Later ones win, key by key, deep inside objects too. */
export interface ConfigSources {
  /** Given to `createSystem(app, { config })`. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
  /** Read from a file by the command line; the name is for messages. */
  readonly file?:
    | { readonly name: string; readonly values: Readonly<Record<string, unknown>> }
    | undefined;
  /**
   * Variables named `DARUMA__app__feed__url`: the path, then the key, then keys inside it. In the
   * path, case does not count and `_` stands for whatever a shell does not allow in a name. A text
   * that is JSON counts as what it says where the schema accepts that, else as text.
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

const mask = '[redacted]';

/** Secret wherever they stand in a name: `dbPassword`, `ACCESS_TOKEN`, `clientsecret`. */
const secretWord = /(?:password|passwd|passphrase|passcode|secret|token|credential|apikey)s?$/;
const secretWords = new Set(['pass', 'pwd', 'authorization', 'cookie', 'cookies', 'dsn']);
/** A key is a secret, except these. */
const openKeys = new Set(['public', 'primary', 'foreign', 'partition', 'sort', 'routing', 'cache']);

/** Whether the name of a value says that it is nobody's business. */
export function isSecretKey(name: string): boolean {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
  if (words.some((word) => secretWord.test(word) || secretWords.has(word))) return true;
  const [last, before] = words.reverse();
  if (last === 'keys') return before !== undefined && !openKeys.has(before);
  return last === 'key' && !openKeys.has(before ?? '');
}

/**
 * A copy for logs and dumps: what looks like a secret is masked, by its key or as the user part of a
 * URL. Circles and functions are named, not followed.
 *
 * ```ts
 * redact({ user: 'ada', password: 'x', url: 'postgres://ada:x@db/app' });
 * // { user: 'ada', password: '[redacted]', url: 'postgres://[redacted]@db/app' }
 * ```
 */
export function redact(value: unknown): unknown {
  return redacted(value, new Set());
}

function redacted(value: unknown, above: ReadonlySet<object>): unknown {
  if (typeof value === 'string') return withoutUserInfo(value);
  if (typeof value === 'function') return '[function]';
  if (typeof value !== 'object' || value === null) return value;
  if (above.has(value)) return '[circular]';
  const inside = new Set(above).add(value);
  if (Array.isArray(value)) return value.map((each) => redacted(each, inside));
  if (value instanceof URL) return withoutUserInfo(value.href);
  if (value instanceof Date) return value;
  if (value instanceof Error) return `${value.name}: ${withoutUserInfo(value.message)}`;
  if (value instanceof Map) return redacted(Object.fromEntries(value), above);
  if (value instanceof Set) return redacted([...value], above);
  const entries = Object.entries(value).map(([key, each]): [string, unknown] => [
    key,
    isSecretKey(key) && isTelling(each) ? mask : redacted(each, inside),
  ]);
  return Object.fromEntries(entries);
}

/** Whether there is anything to hide: `token: undefined` and `hasPassword: true` help and hurt nobody. */
function isTelling(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && typeof value !== 'boolean';
}

function withoutUserInfo(text: string): string {
  return text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]+@/gi, `$1${mask}@`);
}
