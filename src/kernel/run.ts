import { errorInfo } from '../events.ts';
import { attributeProcessErrors } from './attribution.ts';
import { type SignalSource, type StopSignal, setExitCode, signalNumbers } from './host-process.ts';
import type { Kernel } from './kernel.ts';
import type { TreeNode } from './node.ts';
import type { StopReport } from './report.ts';
import type { SystemRoot } from './system-root.ts';

export interface RunOptions {
  readonly signals: SignalSource;
  readonly keepAlive: boolean;
  readonly attributeErrors: boolean;
  readonly holdProcess: () => () => void;
}

interface Runnable {
  start(): Promise<unknown>;
  stopped(): Promise<StopReport>;
}

/** Runs a system in this process until it is down, and says with which code to exit. */
export async function runUntilStopped(
  system: Runnable,
  kernel: Kernel,
  root: SystemRoot,
  options: RunOptions,
): Promise<number> {
  const run = new Run(kernel, root, options);
  try {
    // A failed start is in the report, and has been logged as an event.
    await system.start().catch(() => {});
    const exitCode = run.exitCode(await system.stopped());
    setExitCode(exitCode);
    return exitCode;
  } finally {
    run.end();
  }
}

class Run {
  readonly #kernel: Kernel;
  readonly #root: SystemRoot;
  readonly #undo: (() => void)[] = [];
  #signals = 0;
  #forcedBy: StopSignal | undefined;
  #hasStrayError = false;
  /** Services whose latest end was a failure that nobody repaired. */
  readonly #failed = new Set<string>();
  #endedByItself = false;
  #timer: unknown;

  constructor(kernel: Kernel, root: SystemRoot, options: RunOptions) {
    this.#kernel = kernel;
    this.#root = root;
    this.#undo.push(options.holdProcess());
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      this.#undo.push(options.signals.on(signal, () => this.#onSignal(signal)));
    }
    if (options.attributeErrors) {
      this.#undo.push(attributeProcessErrors((error) => this.#onStrayError(error)));
    }
    if (!options.keepAlive) this.#undo.push(this.#stopWhenAllHaveEnded());
  }

  end(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  exitCode(report: StopReport): number {
    if (this.#forcedBy) return 128 + signalNumbers[this.#forcedBy];
    const hasFailed = this.#hasStrayError || (this.#endedByItself && this.#failed.size > 0);
    return hasFailed && report.exitCode === 0 ? 1 : report.exitCode;
  }

  #onSignal(signal: StopSignal): void {
    this.#signals++;
    this.#kernel.journal.record(this.#root.node, { type: 'signal', signal, count: this.#signals });
    if (this.#signals > 1) this.#forcedBy ??= signal;
    this.#root.send({ type: this.#signals > 1 ? 'force' : 'stop' });
  }

  /** An error that belongs to no child leaves the process in an unknown state: go, in order. */
  #onStrayError(error: unknown): void {
    this.#hasStrayError = true;
    this.#kernel.journal.record(this.#root.node, { type: 'stray-error', error: errorInfo(error) });
    this.#root.send({ type: 'stop' });
  }

  /** In two turns: a supervisor decides in the turn after the one in which its child ended. */
  #lookSoon(turns: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = this.#kernel.clock.setTimeout(() => {
      this.#timer = undefined;
      if (turns > 1) return this.#lookSoon(turns - 1);
      if (this.#root.phase !== 'running' || !hasEnded(this.#root.node)) return;
      this.#endedByItself = true;
      this.#root.send({ type: 'stop' });
    }, 0);
  }

  #stopWhenAllHaveEnded(): () => void {
    const { clock, journal, tree } = this.#kernel;
    const forget = journal.listen((event) => {
      const { type, path } = event;
      if (type === 'ready') this.#failed.delete(path);
      const hasFailed = type === 'ended' && event.reason === 'error';
      // Those of a population are legion, and a population never ends by itself.
      if (hasFailed && !tree.get(path)?.isPassing) this.#failed.add(path);
      if (!['ended', 'ignored', 'dropped', 'stopped', 'phase'].includes(type)) return;
      this.#lookSoon(2);
    });
    return () => {
      if (this.#timer !== undefined) clock.clearTimeout(this.#timer);
      forget();
    };
  }
}

/** Everything below it has ended, so that nothing will ever happen there again. */
function hasEnded(node: TreeNode): boolean {
  if (node.spec.kind === 'service') return node.status === 'stopped' && !node.isUndecided;
  if (node.status === 'stopped') return true;
  // A dynamic supervisor waits for children; a static one has ended with its items.
  if (node.status !== 'running' || node.spec.strategy === 'dynamic') return false;
  return [...(node.children?.values() ?? [])].every(hasEnded);
}
