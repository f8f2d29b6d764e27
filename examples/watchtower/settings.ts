import { join, parse, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DarumaError, parseDuration } from 'daruma';
import * as v from 'valibot';

export const usage = `Flags of the watchtower, after --:
  --url URL         probe it; may be given several times
  --file FILE       follow this log; may be given several times
  --every 10s       how often to look (1s with the built-in target)
  --timeout 2s      how long a URL may take to answer
  --report DIR      where report.md and report.json are written (default: .watchtower)
Without --url and --file it watches a small server of its own that misbehaves.`;

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
  files: v.optional(v.array(v.string()), []),
  report: v.optional(v.string(), '.watchtower'),
  every: v.optional(duration),
  timeout: v.optional(duration, '2s'),
  /** Paths on the disks whose space is watched. */
  disks: v.optional(v.array(v.string()), [parse(process.cwd()).root]),
  /** How many failures in a row are an incident. */
  failures: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 3),
});

/** What the services find as `ctx.config`. Times in milliseconds, paths absolute. */
export interface Settings extends Omit<v.InferOutput<typeof given>, 'every'> {
  readonly every: number;
  /** There is nothing else to watch, so it watches a target of its own. */
  readonly isDemo: boolean;
}

function completed({ every, ...values }: v.InferOutput<typeof given>): Settings {
  const isDemo = values.urls.length === 0 && values.files.length === 0;
  const report = resolve(values.report);
  return {
    ...values,
    report,
    isDemo,
    every: every ?? (isDemo ? 1_000 : 10_000),
    files: isDemo ? [targetLog(report)] : values.files.map((file) => resolve(file)),
  };
}

/** Where the built-in target writes its log. */
export function targetLog(report: string): string {
  return join(report, 'target.log');
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
  const { url, file, ...others } = valuesIn(argv);
  const values = { ...others, ...(url && { urls: url }), ...(file && { files: file }) };
  const { issues } = v.safeParse(given, values);
  if (issues) throw wrongUsage(issues.map(complaint).join('; '));
  return values;
}

function valuesIn(argv: readonly string[]) {
  const one = { type: 'string' } as const;
  const several = { type: 'string', multiple: true } as const;
  const options = { url: several, file: several, every: one, timeout: one, report: one };
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
