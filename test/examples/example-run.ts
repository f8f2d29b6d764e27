import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'bin/daruma.js');

/** A line of the log: `<path> <message>`. */
interface Line {
  readonly text: string;
  readonly path: string;
  readonly event: string | undefined;
  readonly level: number;
  readonly tookMs: number | undefined;
}

export interface Outcome {
  readonly exitCode: number | null;
  readonly lines: readonly Line[];
  readonly output: string;
}

/** What was looked at, and what is wrong with it. */
export type Check = readonly [what: string, fault: string | undefined];

/** `daruma run examples/<name>/services.ts --for <time> <options> -- <flags>` */
export class Run {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly outcome: Promise<Outcome>;
  #output = '';

  constructor(
    name: string,
    time: string,
    flags: readonly string[],
    options: readonly string[] = [],
  ) {
    const file = join('examples', name, 'services.ts');
    const usual = ['--for', time, '--json', '--log-level', 'debug'];
    const args = ['run', file, ...usual, ...options, '--', ...flags];
    this.#child = spawn(process.execPath, [bin, ...args], { cwd: root });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    this.outcome = once(this.#child, 'close').then(([exitCode]) => {
      const output = this.#output;
      return { exitCode, output, lines: output.split('\n').flatMap(lineIn) };
    });
  }

  /** Resolves when it has said this, or has ended without. */
  async says(text: string): Promise<void> {
    while (!this.#output.includes(text) && this.#child.exitCode === null) {
      await Promise.race([once(this.#child.stdout, 'data'), this.outcome]);
    }
  }
}

export function daruma(name: string, time: string, ...flags: string[]): Promise<Outcome> {
  return new Run(name, time, flags).outcome;
}

function lineIn(json: string): Line[] {
  if (!json.startsWith('{')) return [];
  const { actor: path = '', msg, event, level, tookMs } = JSON.parse(json);
  return [{ text: `${path} ${msg}`.trimStart(), path, event, level, tookMs }];
}

export function check(what: string, holds: boolean, fault: string): Check {
  return [what, holds ? undefined : fault];
}

/** Exit code 0, nothing failed but what was meant to, and stops in this order within two seconds. */
export function orderly(
  outcome: Outcome,
  order: readonly string[],
  staged: readonly RegExp[],
): Check[] {
  const { exitCode, lines, output } = outcome;
  const unexpected = lines.filter(
    ({ level, event, text }) =>
      (level >= 50 || (level >= 40 && event === 'ended') || event === 'stop-error') &&
      !staged.some((pattern) => pattern.test(text)),
  );
  const stopping = lines.findIndex(({ text }) => text.endsWith('the system is stopping'));
  const ended = lines.slice(stopping).filter(({ event }) => event === 'ended');
  const places = order.map((path) => ended.findIndex((line) => line.path === path));
  const isInOrder = !places.includes(-1) && places.every((at, i) => at > (places[i - 1] ?? -1));
  const tookMs = lines.find(({ event }) => event === 'down')?.tookMs ?? Number.POSITIVE_INFINITY;
  return [
    check('exits with 0', exitCode === 0, `it exited with ${exitCode}\n${output}`),
    check('fails only where it is meant to', unexpected.length === 0, textOf(unexpected)),
    check(`stops in order: ${order.join(', ')}`, isInOrder, textOf(ended)),
    check('stops at once', tookMs < 2_000, `it took ${tookMs} ms`),
  ];
}

/** These lines, one after the other, with anything in between. */
export function says({ lines }: Outcome, patterns: readonly RegExp[]): Check {
  let at = 0;
  for (const pattern of patterns) {
    const found = lines.findIndex(({ text }, index) => index >= at && pattern.test(text));
    if (found === -1) return [`says ${pattern}`, `not in\n${textOf(lines.slice(at))}`];
    at = found + 1;
  }
  return [`says ${patterns.map(({ source }) => source).join(', then ')}`, undefined];
}

export function wrote(dir: string, markdown: RegExp): Check {
  const names = readdirSync(dir);
  const text = readFileSync(join(dir, 'report.md'), 'utf8');
  const isComplete = !names.some((name) => name.endsWith('.tmp'));
  return check(
    'writes report.md',
    isComplete && markdown.test(text),
    `${names.join(' ')}\n${text}`,
  );
}

export function textOf(lines: readonly Line[]): string {
  return lines.map(({ text }) => text).join('\n');
}
