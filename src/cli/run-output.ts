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
  const supervisors = supervisorsOf(places);
  const lines = new LogLines({ paint, paths, supervisors });
  const write = (line: string) => {
    const text = lines.format(JSON.parse(line) as LogRecord);
    if (text !== undefined) stdout.write(`${text}\n`);
  };
  const live = stdout.isTTY
    ? new TerminalLine(stdout, [stderr], (text) => paint('dim', text))
    : undefined;
  return { logger: pino({ level, base: null }, { write }), live };
}

export function supervisorsOf(places: readonly PlacedSpec[]): ReadonlySet<string> {
  const supervisors = places.filter(({ spec }) => spec.kind === 'supervisor');
  return new Set(supervisors.map(({ path }) => path));
}
