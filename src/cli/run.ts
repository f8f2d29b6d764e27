import { take } from 'rxjs';
import { formatDuration } from '../../actors/rules/duration.ts';
import { compileTree } from '../define/compile.ts';
import type { PlacedSpec } from '../define/spec.ts';
import { realClock } from '../kernel/clock.ts';
import type { HttpOptions } from '../services/http/server.ts';
import { createSystem, type System } from '../services/system.ts';
import { warningList } from './fault-list.ts';
import { keepJournal } from './journal.ts';
import { loadConfig } from './load-config.ts';
import { loadServices } from './load-file.ts';
import { type NotifyFlags, notifyOptions } from './notify-options.ts';
import { defaultGraceMs } from './outlook.ts';
import { places } from './places.ts';
import { Reporter } from './reporter.ts';
import { openOutput, type RunOutput, supervisorsOf } from './run-output.ts';
import { storageOf } from './storage-of.ts';
import { paintFor } from './style.ts';
import { isDefinitionError } from './tell.ts';
import { terminalSignals } from './terminal-signals.ts';
import { isWatched, reportImports, tellWatcher, watchedSignals } from './watched.ts';

export interface RunOptions extends NotifyFlags {
  /** Milliseconds. */
  readonly for?: number;
  readonly watch?: boolean;
  readonly config?: string;
  /** The file that lifecycle events are written to. */
  readonly journal?: string;
  readonly logLevel: string;
  /** Milliseconds; Infinity: as long as it takes. */
  readonly grace?: number;
  readonly seed?: number;
  /** Where the health pages are served. */
  readonly http?: HttpOptions;
  /** undefined: unless on a terminal. */
  readonly json?: boolean;
  readonly keepAlive?: boolean;
  /** The file that services store things in. */
  readonly storage?: string;
}

/**
 * `daruma run`: runs the tree that a file exports in this process.
 *
 * @returns the code to exit with
 * @throws UsageError, DefinitionError: nothing was started
 */
export async function run(
  file: string,
  args: readonly string[],
  options: RunOptions,
): Promise<number> {
  if (isWatched()) reportImports();
  const root = await loadServices(file, args);
  const configFile = options.config === undefined ? undefined : await loadConfig(options.config);
  const graceMs = options.grace ?? defaultGraceMs;
  const compiled = compileTree(root, { graceMs });
  const all = places(compiled.root);
  const json = options.json ?? !process.stdout.isTTY;
  const output = openOutput({ level: options.logLevel, json, places: all });
  const system = createSystem(root, {
    attributeErrors: true,
    grace: graceMs === Number.POSITIVE_INFINITY ? 'infinity' : graceMs,
    keepAlive: options.keepAlive ?? false,
    logger: output.logger,
    notify: notifyOptions(options, output.logger),
    signals: isWatched() ? watchedSignals : terminalSignals(),
    ...(configFile && { configFile }),
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(options.http && { http: options.http }),
    ...(options.storage !== undefined && { storage: storageOf(options.storage) }),
  });
  if (isWatched()) tellWatcher({ type: 'grace', ms: Number.isFinite(graceMs) ? graceMs : null });
  if (options.journal !== undefined) {
    keepJournal(system, root, options.journal, (message) => {
      output.logger.error({ actor: system.path, event: 'journal' }, `the journal ends: ${message}`);
    });
  }
  tellWarnings(system, output, json);
  return await runSystem(system, output, all, options.for);
}

async function runSystem(
  system: System,
  { logger, live }: RunOutput,
  all: readonly PlacedSpec[],
  forMs: number | undefined,
): Promise<number> {
  const specs = new Map(all.map(({ path, spec }) => [path, spec]));
  const startLimitOf = (path: string) => {
    const spec = specs.get(path);
    return spec?.kind === 'service' ? spec.startWithinMs : Number.POSITIVE_INFINITY;
  };
  const { path } = system;
  const clock = realClock;
  const supervisors = supervisorsOf(all);
  const reporter = new Reporter({ clock, logger, path, supervisors, startLimitOf, live });
  system.events$.subscribe((event) => reporter.note(event));
  system.phase$.pipe(take(1)).subscribe(() => tellPages(system, logger));
  logger.debug({ actor: path, event: 'seed', seed: system.seed }, `seed ${system.seed}`);
  const running = system.run();
  const timer = forMs === undefined ? undefined : stopAfter(forMs, system, logger, reporter);
  const failure = await system.start().then(
    () => undefined,
    (error: unknown) => error,
  );
  const exitCode = await running;
  if (timer !== undefined) clock.clearTimeout(timer);
  // Wrong configuration comes to light when the schemas have answered; nothing was started.
  if (isDefinitionError(failure)) throw failure;
  reporter.finish(await system.stopped(), exitCode);
  return exitCode;
}

/** As soon as they are there: a slow boot is when they are looked at. */
function tellPages({ http, path }: System, logger: RunOutput['logger']): void {
  if (!http) return;
  const text = `serves ${http.url}/livez /readyz /startupz /metrics`;
  logger.info({ actor: path, event: 'http', url: http.url }, text);
}

function stopAfter(
  ms: number,
  system: System,
  logger: RunOutput['logger'],
  reporter: Reporter,
): unknown {
  return realClock.setTimeout(() => {
    reporter.asked();
    const text = `after ${formatDuration(ms)}: stopping`;
    logger.info({ actor: system.path, event: 'time-is-up' }, text);
    void system.stop();
  }, ms);
}

function tellWarnings({ warnings }: System, { logger }: RunOutput, json: boolean): void {
  if (warnings.length === 0) return;
  if (!json) {
    process.stderr.write(`${warningList(warnings, paintFor(process.stderr))}\n\n`);
    return;
  }
  for (const { code, path, message, hint } of warnings) {
    logger.warn({ actor: path, event: 'warning', code, hint }, message);
  }
}
