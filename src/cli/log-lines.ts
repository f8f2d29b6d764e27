import { inspect } from 'node:util';
import type { ErrorInfo } from '../events.ts';
import { userFrames } from '../testing/frames.ts';
import { marks, type Paint } from './style.ts';

/** An error as pino writes it. */
export type LoggedError = Partial<ErrorInfo> & { readonly cause?: LoggedError };

/** A line of the log as pino writes it. */
export interface LogRecord {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  /** The path that it is about. */
  readonly actor?: string;
  readonly incarnation?: number;
  /** The type of the lifecycle event that it tells, where it does. */
  readonly event?: string;
  readonly err?: LoggedError;
  /** What to do about it. */
  readonly hint?: string;
  readonly [field: string]: unknown;
}

export interface LogLineOptions {
  readonly paint: Paint;
  /** The paths of the tree, for the width of their column and their colours. */
  readonly paths: readonly string[];
  readonly supervisors?: ReadonlySet<string>;
  /** Paths of files below it are shown without it. @default the working directory */
  readonly cwd?: string;
  /** How wide the terminal is, for hints; what is logged is never broken. */
  readonly columns?: number | undefined;
}

/** `12:03:04.120` */
const timeWidth = 12;

/** Wider paths push their message to the right. */
const widestActor = 28;
const colours = ['cyan', 'magenta', 'blueBright', 'cyanBright', 'magentaBright'] as const;
const colourAt = (place: number) => colours[place % colours.length] ?? 'cyan';

/**
 * Makes the lines that a person reads: time, mark, path, message, and of an error its first frames
 * in the code of people.
 *
 * ```
 * 12:03:04.120 ✔ app/database  is ready after 180ms
 * 12:03:06.220 ! app/feed      failed: connection reset
 *                              at fetchRows (services.ts:34:11)
 * ```
 */
export class LogLines {
  readonly #options: LogLineOptions;
  readonly #width: number;
  readonly #colours: ReadonlyMap<string, (typeof colours)[number]>;
  /** Of each path the stack that was shown last: a crash loop says it once. */
  readonly #lastStack = new Map<string, string>();

  constructor(options: LogLineOptions) {
    this.#options = options;
    const widths = options.paths.map(({ length }) => length);
    this.#width = Math.min(widestActor, Math.max(0, ...widths));
    this.#colours = new Map(options.paths.map((path, place) => [path, colourAt(place)]));
  }

  /** The text of a record, without a newline at its end; undefined when it says nothing new. */
  format(record: LogRecord): string | undefined {
    if (this.#repeats(record)) return undefined;
    const { actor = '', hint = '' } = record;
    const { paint, columns = Number.POSITIVE_INFINITY } = this.#options;
    const head = `${paint('dim', clockTime(record.time))} ${this.#mark(record)} ${this.#actor(actor)}`;
    const margin = ' '.repeat(timeWidth + 3 + this.#width + 2);
    const [first = '', ...others] = this.#text(record).split('\n');
    const hints = wrapped(hint, columns - margin.length - 1).map((line) => paint('dim', line));
    const lines = [...others, ...this.#frames(record), ...hints].map((line) => margin + line);
    return [`${head}  ${first}`, ...lines].join('\n');
  }

  /** A line that stands below the others for a while, about the whole system; without colour. */
  live(text: string): string {
    const root = this.#options.paths[0] ?? '';
    return `${' '.repeat(timeWidth)} ${marks.live} ${root.padEnd(this.#width)}  ${text}`;
  }

  /** A supervisor starts as its children do, and ends after it gave up: both have been told. */
  #repeats({ event, actor = '', err }: LogRecord): boolean {
    if (event === 'ended') return err?.code === 'DARUMA_RESTART_LIMIT';
    const isStart = event === 'ready' || event === 'start-failed';
    return isStart && (this.#options.supervisors?.has(actor) ?? false);
  }

  #mark({ level, event }: LogRecord): string {
    const { paint } = this.#options;
    if (level >= 50) return paint('red', marks.bad);
    if (level >= 40) return paint('yellow', marks.warning);
    if (event === 'ready') return paint('green', marks.good);
    if (event === 'running') return paint('green', marks.phase);
    if (event === 'down' || event === 'signal' || event === 'time-is-up')
      return paint('dim', marks.end);
    return level < 30 ? paint('dim', '·') : ' ';
  }

  #actor(path: string): string {
    const { paint } = this.#options;
    const colour = this.#colours.get(path) ?? colourAt(path.length);
    return paint(colour, path) + ' '.repeat(Math.max(0, this.#width - path.length));
  }

  #text(record: LogRecord): string {
    const { paint } = this.#options;
    const { level, time, msg, actor, incarnation, event, err, hint, ...fields } = record;
    const text = withoutRepetition(msg ?? err?.message ?? '', record);
    const painted = level >= 50 ? paint('red', text) : level < 30 ? paint('dim', text) : text;
    const rest = event === undefined ? fieldsText(fields) : '';
    return rest === '' ? painted : `${painted} ${paint('dim', rest)}`;
  }

  #frames({ err, event, actor = '' }: LogRecord): string[] {
    // What a restart or a supervisor answers to was told, with its place, by the failure itself.
    if (event !== undefined && !tellsOfFailure.has(event)) return [];
    const stack = stackOf(err);
    if (stack === undefined || this.#lastStack.get(actor) === stack) return [];
    // Ids below dynamic supervisors are legion.
    if (this.#lastStack.size > 1_000) this.#lastStack.clear();
    this.#lastStack.set(actor, stack);
    const { paint, cwd } = this.#options;
    const frames = userFrames(stack, cwd === undefined ? {} : { cwd });
    return frames.map((frame) => paint('dim', frame));
  }
}

/** Of an error and its causes the first stack with code of people in it. */
function stackOf(err: LoggedError | undefined): string | undefined {
  if (!err) return undefined;
  const isTelling = userFrames(err.stack).length > 0;
  return isTelling ? err.stack : stackOf(err.cause);
}

/** Lines of at most this many characters, broken between words. */
function wrapped(text: string, width: number): string[] {
  if (text === '') return [];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > Math.max(width, 20)) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

const tellsOfFailure: ReadonlySet<string> = new Set([
  'ended',
  'start-failed',
  'stop-error',
  'drained',
  'decide-failed',
  'stray-error',
  'listener-failed',
]);

/** A restart names its cause, which stands in the line above it; a failed start names its place. */
function withoutRepetition(
  text: string,
  { event, actor, err }: Pick<LogRecord, 'event' | 'actor' | 'err'>,
): string {
  if (event === 'start-failed') return text.replace(`${actor} failed to start: `, '');
  const suffix = `: ${err?.message ?? ''}`;
  return event === 'backoff' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
}

function fieldsText(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : oneLine(value)}`)
    .join(' ');
}

function oneLine(value: unknown): string {
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 });
}

/** `12:03:04.120` in local time. */
export function clockTime(time: number): string {
  const date = new Date(time);
  const two = (part: number) => String(part).padStart(2, '0');
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map(
    two,
  );
  return `${hours}:${minutes}:${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
