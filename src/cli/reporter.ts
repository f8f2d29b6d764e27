import type { Logger } from 'pino';
import { formatDuration } from '../../actors/rules/duration.ts';
import type { LifecycleEvent } from '../events.ts';
import type { Clock } from '../kernel/clock.ts';
import type { StopReport } from '../kernel/report.ts';
import { farewell } from './farewell.ts';
import type { LiveLine } from './live-line.ts';
import { counted } from './style.ts';
import { TaskProgressBook } from './task-progress.ts';
import { startText, stopText } from './wait-text.ts';
import { Waits } from './waits.ts';

export interface ReporterOptions {
  /** The one of the system. */
  readonly clock: Clock;
  readonly logger: Logger;
  /** The path of the root, for lines about the whole system. */
  readonly path: string;
  readonly supervisors: ReadonlySet<string>;
  /** What a start of this path may take, in milliseconds; Infinity when that is not known. */
  readonly startLimitOf: (path: string) => number;
  /** On a terminal; elsewhere what is slow is logged from time to time. */
  readonly live?: LiveLine | undefined;
}

type View = 'start' | 'work' | 'stop';

/** From when on a wait is worth a word, and how often, in milliseconds. */
interface Pace {
  readonly firstMs: number;
  readonly everyMs: number;
}

const paces = {
  live: {
    start: { firstMs: 1_000, everyMs: 100 },
    work: { firstMs: 0, everyMs: 100 },
    stop: { firstMs: 300, everyMs: 100 },
  },
  logged: {
    start: { firstMs: 5_000, everyMs: 5_000 },
    stop: { firstMs: 2_000, everyMs: 2_000 },
  },
} as const;

/**
 * Tells people how a system comes up and goes down: what is being waited for while it takes long,
 * and how it came out; in between, how far tasks are. The rest is told by the log.
 */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #waits = new Waits();
  readonly #progress = new TaskProgressBook();
  /** Services that are ready. */
  readonly #up = new Set<string>();
  #since = 0;
  /** How long the stop took, once it is over. */
  #stopMs = 0;
  #view: View | undefined;
  #hasSignal = false;
  #isAsked = false;
  #timer: unknown;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  note(event: LifecycleEvent): void {
    this.#waits.note(event);
    this.#progress.note(event);
    if (event.type === 'task-progress') this.#enterWork(event.at);
    if (event.type === 'ready') this.#noteReady(event.path);
    if (event.type === 'ended' || event.type === 'unstopped') this.#up.delete(event.path);
    if (event.type === 'signal') this.#hasSignal = true;
    if (event.type === 'stray-error' && event.path === this.#options.path) this.asked();
    if (event.type === 'phase') this.#notePhase(event);
  }

  /** Somebody else than a signal asks for the stop. */
  asked(): void {
    this.#isAsked = true;
  }

  /** The last line. */
  finish(report: StopReport, exitCode: number): void {
    this.#leaveView();
    const { logger, path } = this.#options;
    const { level, text, hint } = farewell(report, exitCode, {
      tookMs: this.#stopMs,
      isAsked: this.#isAsked || this.#hasSignal,
    });
    const { unstopped, cutOff } = report;
    const tookMs = Math.round(this.#stopMs);
    logger[level]({ actor: path, event: 'down', exitCode, tookMs, unstopped, cutOff, hint }, text);
  }

  #noteReady(path: string): void {
    if (!this.#options.supervisors.has(path)) this.#up.add(path);
  }

  #notePhase(event: LifecycleEvent & { readonly type: 'phase' }): void {
    switch (event.phase) {
      case 'booting':
        return this.#enterView('start', event.at);
      case 'running':
        this.#leaveView();
        this.#tellRunning(event.at - this.#since);
        return this.#enterWork(event.at);
      case 'draining':
      case 'stopping':
        if (this.#view !== 'stop') this.#enterView('stop', event.at);
        return;
      case 'stopped':
        this.#stopMs = event.at - this.#since;
        return this.#leaveView();
    }
  }

  #tellRunning(tookMs: number): void {
    const { logger, path } = this.#options;
    const services = this.#up.size;
    logger.info(
      { actor: path, event: 'running', services, tookMs: Math.round(tookMs) },
      `is running: ${counted(services, 'service')} in ${formatDuration(tookMs)}`,
    );
  }

  /** Only on a terminal: elsewhere progress is in the log, for those who want it. */
  #enterWork(at: number): void {
    if (this.#options.live && !this.#view && !this.#progress.isEmpty) this.#enterView('work', at);
  }

  #enterView(view: View, at: number): void {
    this.#leaveView();
    this.#view = view;
    this.#since = at;
    this.#arm(this.#pace(view).firstMs);
  }

  #leaveView(): void {
    this.#view = undefined;
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#options.live?.hide();
  }

  #arm(delayMs: number): void {
    this.#timer = this.#options.clock.setTimeout(() => this.#look(), delayMs);
  }

  #look(): void {
    const view = this.#view;
    if (!view) return;
    if (view === 'work') return this.#showWork();
    this.#arm(this.#pace(view).everyMs);
    const { clock, live, logger, path, startLimitOf } = this.#options;
    const now = clock.monotonic();
    const text =
      view === 'stop'
        ? stopText(this.#waits, now)
        : startText(this.#waits, now, this.#pace(view).firstMs, startLimitOf);
    if (live) return text === undefined ? live.hide() : live.show(this.#withHelp(text));
    if (text !== undefined) logger.info({ actor: path, event: 'waiting-for' }, text);
  }

  #showWork(): void {
    if (this.#progress.isEmpty) return this.#leaveView();
    this.#arm(this.#pace('work').everyMs);
    this.#options.live?.show(this.#progress.text());
  }

  #withHelp(text: string): string {
    return this.#view === 'stop' && this.#hasSignal
      ? `${text} · Ctrl-C again leaves at once`
      : text;
  }

  #pace(view: View): Pace {
    return view === 'work' || this.#options.live ? paces.live[view] : paces.logged[view];
  }
}
