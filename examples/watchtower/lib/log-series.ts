import { Rate } from './rate.ts';
import { type Severity, severityOf } from './severity.ts';

/** A log file in the report. */
export interface LogSummary {
  readonly file: string;
  /** Why it is not read at the moment; undefined while it is. */
  readonly problem: string | undefined;
  /** Of what was written since the watch began. */
  readonly lines: Readonly<Record<Severity | 'total', number>>;
  readonly linesInLastMinute: number;
  readonly errorsInLastMinute: number;
  /** The latest first, cut to a readable length. */
  readonly lastErrors: readonly string[];
}

const keptErrors = 3;
const shownCharacters = 160;

/** The lines of one log file. */
export class LogSeries {
  readonly #counts = { total: 0, error: 0, warning: 0, info: 0, debug: 0, other: 0 };
  readonly #lines = new Rate();
  readonly #errors = new Rate();
  readonly #lastErrors: string[] = [];
  readonly file: string;
  problem: string | undefined;

  constructor(file: string) {
    this.file = file;
  }

  record(line: string, at: number): void {
    const severity = severityOf(line);
    this.#counts.total++;
    this.#counts[severity]++;
    this.#lines.add(at);
    if (severity !== 'error') return;
    this.#errors.add(at);
    this.#lastErrors.unshift(shortened(line));
    this.#lastErrors.splice(keptErrors);
  }

  summary(at: number): LogSummary {
    return {
      file: this.file,
      problem: this.problem,
      lines: { ...this.#counts },
      linesInLastMinute: this.#lines.perMinute(at),
      errorsInLastMinute: this.#errors.perMinute(at),
      lastErrors: [...this.#lastErrors],
    };
  }
}

function shortened(line: string): string {
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
}
