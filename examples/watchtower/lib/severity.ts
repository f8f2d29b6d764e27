export type Severity = 'error' | 'warning' | 'info' | 'debug' | 'other';

/**
 * How bad a line of a log is: JSON (pino, bunyan, Google), logfmt, access logs, syslog priorities,
 * `[error]`, `WARN`, and the first line of an exception. `other` when it does not say.
 */
export function severityOf(line: string): Severity {
  for (const read of readers) {
    const severity = read(line);
    if (severity) return severity;
  }
  return 'other';
}

type Reader = (line: string) => Severity | undefined;

const words: Readonly<Record<string, Severity>> = {
  fatal: 'error',
  panic: 'error',
  emerg: 'error',
  emergency: 'error',
  alert: 'error',
  crit: 'error',
  critical: 'error',
  severe: 'error',
  error: 'error',
  err: 'error',
  warning: 'warning',
  warn: 'warning',
  notice: 'info',
  info: 'info',
  information: 'info',
  debug: 'debug',
  trace: 'debug',
  verbose: 'debug',
};

const ofWord = (word = ''): Severity | undefined => {
  const key = word.toLowerCase();
  return Object.hasOwn(words, key) ? words[key] : undefined;
};

/** The levels of pino and bunyan. */
function ofNumber(level: number): Severity {
  if (level >= 50) return 'error';
  if (level >= 40) return 'warning';
  return level >= 30 ? 'info' : 'debug';
}

function json(line: string): Severity | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { level, severity, lvl } = JSON.parse(line) as Record<string, unknown>;
    const said = level ?? severity ?? lvl;
    return typeof said === 'number' ? ofNumber(said) : ofWord(String(said));
  } catch {
    // Cut off, or not JSON after all: what the other forms make of it.
    return undefined;
  }
}

function syslog(line: string): Severity | undefined {
  const priority = /^<(\d{1,3})>/.exec(line)?.[1];
  if (priority === undefined) return undefined;
  const level = Number(priority) % 8;
  if (level <= 3) return 'error';
  if (level === 4) return 'warning';
  return level === 7 ? 'debug' : 'info';
}

/** `level=error`, and JSON that was cut off. */
function pair(line: string): Severity | undefined {
  return ofWord(/\b(?:level|lvl|severity)["']?[=:] ?["']?([a-z]+)/i.exec(line)?.[1]);
}

/** `"GET / HTTP/1.1" 503`: a 5xx is the server's fault, a 4xx somebody's. */
function access(line: string): Severity | undefined {
  const status = /"[A-Z]+ \S+(?: HTTP\/[\d.]+)?" ([1-5])\d\d\b/.exec(line)?.[1];
  if (status === undefined) return undefined;
  if (status === '5') return 'error';
  return status === '4' ? 'warning' : 'info';
}

/** A level as a word of its own: in capitals, or in brackets. Not any "error" in a sentence. */
function marker(line: string): Severity | undefined {
  const marks = /\[\s*([A-Za-z]{3,11})\s*\]|\b([A-Z]{3,11})\b/g;
  for (const [, bracketed, capital] of line.slice(0, 200).matchAll(marks)) {
    const severity = ofWord(bracketed ?? capital);
    if (severity) return severity;
  }
  return undefined;
}

/** `TypeError: x is not a function`, `error: ...`; the frames below it are part of it. */
function exception(line: string): Severity | undefined {
  const isFirstLine = /^(?:Uncaught |Exception in )?[\w.$]*(?:Error|Exception)\b[:\s]/.test(line);
  const isOther = /^(?:err|error|fatal|panic): |^Traceback \(most recent call/i.test(line);
  return isFirstLine || isOther ? 'error' : undefined;
}

const readers: readonly Reader[] = [json, syslog, pair, access, marker, exception];
