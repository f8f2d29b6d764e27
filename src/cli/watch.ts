import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, sep } from 'node:path';
import { type SignalSource, type StopSignal, signalNumbers } from '../kernel/host-process.ts';
import { shortPath } from '../testing/frames.ts';
import { FileChanges } from './file-changes.ts';
import { findFile } from './load-file.ts';
import { clockTime } from './log-lines.ts';
import { marks, type Paint, paintFor } from './style.ts';
import { terminalSignals } from './terminal-signals.ts';
import { type FromWatcher, type ToWatcher, watchedVariable } from './watched.ts';

export interface WatchOptions {
  /** A file beside the services file that is watched too. */
  readonly config?: string | undefined;
  readonly json: boolean;
}

/** Beyond its grace period a run that does not stop is killed after this time, in milliseconds. */
const patienceMs = 5_000;
/** The same after a second signal. */
const impatienceMs = 2_000;

/**
 * `daruma run --watch`: runs the command without `--watch` as a process of its own, and replaces it
 * when a file that it uses has changed: it is stopped in order, then the next one is started.
 *
 * @returns the exit code of the last run
 */
export async function watch(file: string, options: WatchOptions): Promise<number> {
  const entry = findFile(file);
  const watcher = new Watcher(entry, options.json);
  if (options.config !== undefined) watcher.changes.add(findFile(options.config, /./));
  return await watcher.run(terminalSignals());
}

class Watcher {
  readonly changes: FileChanges;
  readonly #entry: string;
  readonly #say: (text: string) => void;
  #run: ChildProcess | undefined;
  /** What the run gives itself to stop; undefined while it is still being imported. */
  #graceMs: number | undefined;
  #signals = 0;
  /** The file that changed since the latest run began. */
  #changed: string | undefined;
  #onNews: () => void = () => {};

  constructor(entry: string, json: boolean) {
    this.#entry = entry;
    this.#say = json ? sayJson : sayTo(paintFor(process.stdout));
    this.changes = new FileChanges((path) => {
      this.#changed = path;
      this.#onNews();
    });
    this.changes.add(entry);
  }

  async run(signals: SignalSource): Promise<number> {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      signals.on(signal, () => this.#onSignal(signal));
    }
    try {
      for (;;) {
        const exitCode = await this.#runOnce();
        if (this.#signals > 0) return exitCode;
        if (this.#changed === undefined) {
          this.#say(`exited with ${exitCode}; waiting for a change`);
          await this.#news();
          if (this.#signals > 0) return exitCode;
        }
      }
    } finally {
      this.changes.close();
    }
  }

  /** Resolves with its exit code when it has ended, by itself or because something changed. */
  async #runOnce(): Promise<number> {
    this.#changed = undefined;
    const run = this.#start();
    const ended = new Promise<number>((resolve) => {
      run.once('exit', (code, signal) => resolve(code ?? codeOf(signal)));
      run.once('error', () => resolve(1));
    });
    const isOver = ended.then(() => true);
    while (!(await Promise.race([isOver, this.#news().then(() => false)]))) {
      if (this.#changed === undefined || this.#signals > 0) continue;
      this.#say(`${shortPath(this.#changed)} changed: restarting`);
      this.#pass('SIGTERM');
      this.#killAfter((this.#graceMs ?? 0) + patienceMs);
      break;
    }
    const exitCode = await ended;
    this.#run = undefined;
    return exitCode;
  }

  #start(): ChildProcess {
    const [bin = '', ...args] = process.argv.slice(1);
    const run = spawn(process.execPath, [...process.execArgv, bin, ...withoutWatch(args)], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, [watchedVariable]: '1' },
    });
    run.on('message', (message: ToWatcher) => this.#onMessage(message));
    this.#run = run;
    this.#graceMs = undefined;
    return run;
  }

  #onMessage(message: ToWatcher): void {
    if (message.type === 'grace') this.#graceMs = message.ms ?? Number.POSITIVE_INFINITY;
    else if (message.path.startsWith(dirname(this.#entry) + sep)) this.changes.add(message.path);
  }

  #onSignal(signal: StopSignal): void {
    this.#signals++;
    this.#pass(signal);
    if (this.#signals > 1) this.#killAfter(impatienceMs);
    this.#onNews();
  }

  /**
   * A run ignores Ctrl-C of the terminal: it has each signal from here, once. While it is imported
   * nobody listens yet, and there is nothing to stop in order.
   */
  #pass(signal: StopSignal): void {
    const run = this.#run;
    if (this.#graceMs === undefined) run?.kill(signal);
    else if (run?.connected) run.send({ type: 'signal', signal } satisfies FromWatcher, () => {});
  }

  #killAfter(ms: number): void {
    const run = this.#run;
    if (!run || !Number.isFinite(ms)) return;
    const timer = setTimeout(() => run.kill('SIGKILL'), ms);
    run.once('exit', () => clearTimeout(timer));
  }

  /** Resolves at the next change or signal. */
  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#onNews = resolve;
    });
  }
}

function codeOf(signal: NodeJS.Signals | null): number {
  if (signal === null) return 1;
  const numbers: Partial<Record<NodeJS.Signals, number>> = { ...signalNumbers, SIGKILL: 9 };
  return 128 + (numbers[signal] ?? 0);
}

/** The command of a run from the command that watches it. */
function withoutWatch(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  const rest = end === -1 ? [] : args.slice(end);
  return [...options.filter((option) => option !== '--watch'), ...rest];
}

function sayTo(paint: Paint): (text: string) => void {
  return (text) => {
    const line = `${paint('dim', clockTime(Date.now()))} ${paint('cyan', marks.phase)} ${text}`;
    process.stdout.write(`${line}\n`);
  };
}

function sayJson(msg: string): void {
  process.stdout.write(`${JSON.stringify({ level: 30, time: Date.now(), event: 'watch', msg })}\n`);
}
