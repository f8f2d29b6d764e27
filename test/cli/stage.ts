import { pino } from 'pino';
import type { LiveLine } from '../../src/cli/live-line.ts';
import { LogLines, type LogRecord } from '../../src/cli/log-lines.ts';
import { places } from '../../src/cli/places.ts';
import { Reporter } from '../../src/cli/reporter.ts';
import { supervisorsOf } from '../../src/cli/run-output.ts';
import { plain } from '../../src/cli/style.ts';
import { compileTree } from '../../src/define/compile.ts';
import type { AnyDefinition } from '../../src/define/definition.ts';
import { supervisor } from '../../src/define/supervisor.ts';
import { createSystem, type System } from '../../src/services/system.ts';
import { FakeSignals } from '../../src/testing/fake-signals.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

/** What a person sees of `daruma run`, under a virtual clock. */
export class Stage {
  readonly clock = new VirtualClock();
  readonly signals = new FakeSignals();
  readonly system: System;
  readonly reporter: Reporter;
  /** What stands below the log now; undefined: nothing, or there is no terminal. */
  live: string | undefined;
  readonly #lines: string[] = [];
  #exit: Promise<number> | undefined;

  constructor(
    children: readonly AnyDefinition[],
    { isTerminal = true, json = false }: { isTerminal?: boolean; json?: boolean } = {},
  ) {
    const root = supervisor('app', children);
    const all = places(compileTree(root).root);
    const paths = all.map(({ path }) => path);
    const lines = new LogLines({ paint: plain, paths, supervisors: supervisorsOf(all) });
    const write = (line: string) => {
      const text = json ? line : lines.format(JSON.parse(line) as LogRecord);
      if (text !== undefined) this.#lines.push(text.replace(/^\d\d:\d\d:\d\d\.\d{3} /, ''));
    };
    // The time of log lines is the machine's; what stands in them is not.
    const logger = pino({ level: 'info', base: null }, { write });
    const live: LiveLine = {
      show: (text) => {
        this.live = text;
      },
      hide: () => {
        this.live = undefined;
      },
    };
    const { clock, signals } = this;
    this.system = createSystem(root, { clock, signals, logger, seed: 1 });
    this.reporter = new Reporter({
      clock,
      logger,
      path: 'app',
      supervisors: supervisorsOf(all),
      startLimitOf: (path) => {
        const spec = all.find((each) => each.path === path)?.spec;
        return spec?.kind === 'service' ? spec.startWithinMs : Number.POSITIVE_INFINITY;
      },
      live: isTerminal ? live : undefined,
    });
    this.system.events$.subscribe((event) => this.reporter.note(event));
  }

  /** Starts as `daruma run` does. */
  async run(): Promise<void> {
    this.#exit = this.system.run();
    await this.clock.settle();
  }

  async signal(signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
    this.signals.raise(signal);
    await this.clock.settle();
  }

  /** Once it is down: the last line, and the exit code. */
  async finish(): Promise<number> {
    const exitCode = (await this.#exit) ?? -1;
    this.reporter.finish(await this.system.stopped(), exitCode);
    return exitCode;
  }

  /** The lines since the last call, without times. */
  lines(): string {
    return this.#lines.splice(0).join('\n');
  }
}
