import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { type Logger, pino } from 'pino';
import type { PlacedSpec } from '../define/spec.ts';
import { type LiveLine, TerminalLine } from './live-line.ts';
import { LogLines, type LogRecord } from './log-lines.ts';
import { paintFor } from './style.ts';

/** Where a run speaks. */
export interface RunOutput {
  readonly logger: Logger;
  /** On a terminal. */
  readonly live: LiveLine | undefined;
}

export interface RunOutputOptions {
  readonly level: string;
  /** JSON lines, as pino writes them, instead of lines for people. */
  readonly json: boolean;
  readonly places: readonly PlacedSpec[];
}

/** Everything goes to standard output, synchronously: the last lines of a crash arrive too. */
export function openOutput({ level, json, places }: RunOutputOptions): RunOutput {
  const { stdout, stderr } = process;
  if (json) {
    const logger = pino({ level }, { write: (line: string) => void stdout.write(line) });
    return { logger, live: undefined };
  }
  const paint = paintFor(stdout);
  const paths = places.map(({ path }) => path);
  const lines = new LogLines({
    paint,
    paths,
    supervisors: supervisorsOf(places),
    columns: stdout.columns,
  });
  const write = (line: string) => {
    const record = JSON.parse(line) as LogRecord;
    const text = lines.format(record);
    if (text === undefined) return;
    if (record.event === 'signal') coverEcho(stdout);
    stdout.write(`${text}\n`);
  };
  const live = stdout.isTTY
    ? new TerminalLine(
        stdout,
        [stderr],
        (text) => lines.live(text),
        (line) => paint('dim', line),
      )
    : undefined;
  return { logger: pino({ level, base: null }, { write }), live };
}

/** The terminal shows Ctrl-C as ^C at the place where the next line begins. */
function coverEcho(terminal: WriteStream): void {
  if (!terminal.isTTY) return;
  cursorTo(terminal, 0);
  clearLine(terminal, 0);
}

export function supervisorsOf(places: readonly PlacedSpec[]): ReadonlySet<string> {
  const supervisors = places.filter(({ spec }) => spec.kind === 'supervisor');
  return new Set(supervisors.map(({ path }) => path));
}
