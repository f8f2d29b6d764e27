import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DarumaError, parseDuration } from 'daruma';
import * as v from 'valibot';
import { childNames } from './lib/child-names.ts';

export const usage = `Flags of the watchtower, after --:
  --url URL       a target; may be given several times
  --every 10s     how often to look (1s at the built-in site)
  --timeout 2s    how long an answer may take (400ms at the built-in site)
  --keep 7d       how long checks and incidents are kept
  --page URL      a page whose changes are told (a plugin does that)
  --tell URL      who is told of incidents, until it has taken the news
  --beat URL      who is told every 10 s that the watchtower is alive
  --import FILE   checks of another monitor, a line of JSON each
  --report DIR    where report.md is written (default: .watchtower)
Without --url it watches a small site of its own that misbehaves.`;

/** What is watched. */
export interface Target {
  /** A segment of a path, and unique. */
  readonly name: string;
  /** Of the built-in site only the path. */
  readonly url: string;
}

/** The pages of the built-in site. */
const sitePages = ['/home', '/orders', '/search', '/admin'];

const duration = v.pipe(
  v.union([v.string(), v.number()], (issue) => `${issue.received} is not a duration`),
  v.check(
    (value) => (parseDuration(value) ?? 0) > 0,
    ({ input }) => `${JSON.stringify(input)} is not a duration, such as "500ms", "10s" or "5m"`,
  ),
  v.transform((value) => parseDuration(value) as number),
);

const url = v.pipe(
  v.string(),
  v.check(
    (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
    ({ input }) => `${JSON.stringify(input)} is not a URL that begins with http:// or https://`,
  ),
  // Not quoted: this goes to logs.
  v.check((text) => !URL.parse(text)?.password, 'fetch refuses a URL with a password in it'),
);

const given = v.object({
  urls: v.optional(v.array(url), []),
  every: v.optional(duration),
  timeout: v.optional(duration),
  keep: v.optional(duration),
  page: v.optional(url),
  beat: v.optional(url),
  tell: v.optional(url),
  import: v.optional(v.string()),
  report: v.optional(v.string(), '.watchtower'),
  /** How many failed checks in a row are an incident. */
  failures: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 3),
  /** When the summary is told, as a cron expression in UTC. */
  summary: v.optional(v.string()),
});

/** What the services find as `ctx.config`. Times in milliseconds, paths absolute. */
export interface Settings
  extends Omit<v.InferOutput<typeof given>, 'urls' | 'every' | 'timeout' | 'keep' | 'summary'> {
  readonly targets: readonly Target[];
  readonly every: number;
  readonly timeout: number;
  readonly keep: number;
  readonly summary: string;
  /** The targets are pages of the built-in site. */
  readonly isDemo: boolean;
}

function completed({ urls, ...values }: v.InferOutput<typeof given>): Settings {
  const isDemo = urls.length === 0;
  const named = isDemo ? childNames(sitePages, String) : childNames(urls, nameOf);
  const {
    every = isDemo ? 1_000 : 10_000,
    timeout = isDemo ? 400 : 2_000,
    keep = (isDemo ? 1 : 7) * 86_400_000,
    summary = isDemo ? '*/10 * * * * *' : '0 6 * * *',
  } = values;
  return {
    ...values,
    targets: [...named].map(([name, url]) => ({ name, url })),
    report: resolve(values.report),
    every,
    timeout,
    keep,
    summary,
    isDemo,
  };
}

/** Without a query: it is long, and may be secret. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}

/**
 * The schema of the root. What is typed on the command line wins over `--config FILE` and over
 * variables such as `DARUMA__watchtower__every=10s`.
 *
 * @throws DarumaError when a flag is wrong
 */
export function settings(argv: readonly string[]) {
  const flags = flagsIn(argv);
  return v.pipe(
    v.looseObject({}),
    v.transform((values) => ({ ...values, ...flags })),
    given,
    v.transform(completed),
  );
}

/** The settings are declared at the root; services below it find them, but not their type. */
export function settingsOf(ctx: { readonly config: unknown }): Settings {
  return ctx.config as Settings;
}

function flagsIn(argv: readonly string[]): Readonly<Record<string, unknown>> {
  const { url, ...others } = valuesIn(argv);
  const values = { ...others, ...(url && { urls: url }) };
  const { issues } = v.safeParse(given, values);
  if (issues) throw wrongUsage(issues.map(complaint).join('; '));
  return values;
}

function valuesIn(argv: readonly string[]) {
  const one = { type: 'string' } as const;
  const options = {
    url: { type: 'string', multiple: true },
    every: one,
    timeout: one,
    keep: one,
    page: one,
    beat: one,
    tell: one,
    import: one,
    report: one,
  } as const;
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw wrongUsage((error as Error).message);
  }
}

function complaint(issue: v.BaseIssue<unknown>): string {
  const key = String(issue.path?.[0]?.key);
  return `--${key.replace(/s$/, '')}: ${issue.message}`;
}

function wrongUsage(message: string): DarumaError {
  return new DarumaError('DARUMA_USAGE', message, { hint: usage });
}
