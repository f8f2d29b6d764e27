import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterThisTest } from '../clean-up.ts';

/** How long anything may take on a machine that is busy with other things. */
export const patienceMs = 30_000;

const bin = fileURLToPath(new URL('../../bin/daruma.js', import.meta.url));
const fixtures = fileURLToPath(new URL('./fixtures', import.meta.url));

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** @default the fixtures */
  readonly cwd?: string;
  /** As the leader of a process group of its own, as a shell starts it. */
  readonly detached?: boolean;
}

/** A process of this test, which is killed after it. */
export class Run {
  readonly child: ChildProcess;
  readonly exit: Promise<Exit>;
  stdout = '';
  stderr = '';
  readonly #waiting = new Set<() => void>();
  #isOver = false;

  constructor(
    command: readonly string[],
    { env = {}, cwd = fixtures, detached = false }: SpawnOptions,
  ) {
    const { NO_COLOR: _no, FORCE_COLOR: _force, ...inherited } = process.env;
    this.child = spawn(process.execPath, command, {
      cwd,
      env: { ...inherited, ...env },
      detached,
    });
    afterThisTest(async () => {
      this.child.kill('SIGKILL');
      await this.exit;
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#look();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#look();
    });
    this.exit = once(this.child, 'close').then(([code, signal]) => {
      this.#isOver = true;
      this.#look();
      return { code, signal, stdout: this.stdout, stderr: this.stderr };
    });
  }

  /** Resolves when this has been written; rejects when the process ends without it. */
  async sees(text: string | RegExp, times = 1): Promise<void> {
    const isThere = () => occurrences(this.stdout + this.stderr, text) >= times;
    for (;;) {
      if (isThere()) return;
      if (this.#isOver) {
        throw new Error(`ended without ${String(text)}:\n${this.stdout}${this.stderr}`);
      }
      await this.more();
    }
  }

  /** Resolves when it writes something more, or ends. */
  more(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** As a terminal does it: to all processes of the group that it leads. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-(this.child.pid ?? 0), signal);
  }

  /** What it wrote for people, without the times. */
  get lines(): string[] {
    return linesOf(this.stdout);
  }

  #look(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** `daruma ...`, in the folder of the fixtures. */
export function daruma(args: readonly string[], options: SpawnOptions = {}): Run {
  return new Run([bin, ...args], options);
}

/** `daruma run FILE`, with lines for people. */
export function darumaRun(file: string, ...args: readonly string[]): Run {
  return daruma(['run', file, '--no-json', ...args]);
}

/** Lines without the time and the space at their ends. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} /, ''));
  return lines.map((line) => line.trimEnd()).filter((line) => line !== '');
}

/** A folder with these files that is removed after the test. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'daruma-'));
  afterThisTest(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Resolves when there is no process of this id any more. */
export async function isGone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One that has ended keeps its id until its parent asks for it; an orphan's may never do.
  const state = existsSync('/proc') ? stateOf(pid) : 'R';
  return state !== 'Z';
}

function stateOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.charAt(0) ?? 'Z';
  } catch {
    return 'Z';
  }
}

function occurrences(text: string, pattern: string | RegExp): number {
  if (typeof pattern === 'string') return text.split(pattern).length - 1;
  return [...text.matchAll(new RegExp(pattern, 'g'))].length;
}
