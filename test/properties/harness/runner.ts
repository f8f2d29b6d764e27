import { pino } from 'pino';
import { createSystem, type System } from '../../../src/index.ts';
import type { StopReport } from '../../../src/kernel/report.ts';
import { Actor } from './actor.ts';
import { defineGroup, defineService } from './define.ts';
import type { History } from './history.ts';
import { Log } from './log.ts';
import type { Plan, Step } from './plan.ts';
import { Shape } from './shape.ts';
import { WatchedClock } from './watched-clock.ts';
import { World } from './world.ts';

export interface RunnerOptions {
  /** Whether listeners that are scripted to throw do so. @default true */
  readonly throws?: boolean;
}

const logger = pino({ level: 'silent' });
/** A run that is longer than this is stopped, and looked at as it is. */
const longest = 6_000;
/** How long the end of a run may take on the virtual clock. */
const patienceMs = 3_600_000;

/** Runs a plan from start to stop and drain. */
export async function runPlan(plan: Plan, options: RunnerOptions = {}): Promise<History> {
  const guard = new ProcessGuard();
  try {
    return await new Runner(plan, options, guard).run();
  } finally {
    guard.restore();
  }
}

class Runner {
  readonly #plan: Plan;
  readonly #clock = new WatchedClock();
  readonly #log = new Log(() => this.#clock.monotonic());
  readonly #world = new World(this.#log, this.#clock, defineService);
  readonly #guard: ProcessGuard;
  readonly #system: System;
  readonly #actor: Actor;
  readonly #echoes: [number, string][] = [];
  readonly #signals = new Set<() => void>();
  readonly #throws: boolean;
  #report: StopReport | undefined;
  /** Reports of listeners that failed: they must not change where a long run is given up. */
  #complaints = 0;
  #isUnfinished = false;

  constructor(plan: Plan, options: RunnerOptions, guard: ProcessGuard) {
    this.#plan = plan;
    this.#guard = guard;
    this.#clock.log = this.#log;
    this.#system = createSystem(defineGroup(this.#world, plan.root), {
      clock: this.#clock,
      seed: plan.seed,
      logger,
      env: {},
      grace: plan.grace ?? 25_000,
      bootWithin: plan.bootWithin ?? 60_000,
      signals: {
        on: (signal, callback) => {
          if (signal === 'SIGTERM') this.#signals.add(callback);
          return () => this.#signals.delete(callback);
        },
      },
    });
    const spares = new Map(
      (plan.spares ?? []).map((spare) => [spare.id, defineService(this.#world, spare)]),
    );
    this.#actor = new Actor(this.#world, this.#system, this.#signals, spares);
    this.#throws = options.throws ?? true;
    this.#listen();
  }

  async run(): Promise<History> {
    const { entry = 'start', steps } = this.#plan;
    this.#log.add({ kind: 'step', step: -1 });
    this.#world.follow('begin', 'app', () => this.#begin());
    if (entry === 'stop') this.#stop();
    await this.#settle();
    this.#world.follow('stopped', 'app', () => this.#system.stopped());
    for (const [index, step] of steps.entries()) {
      if (this.#isTooLong) break;
      this.#log.add({ kind: 'step', step: index });
      this.#take(step);
      await (step.do === 'advance' ? this.#advance(step.ms) : this.#settle());
    }
    this.#log.add({ kind: 'step', step: steps.length });
    this.#stop();
    await this.#drain();
    return this.#history();
  }

  #begin(): Promise<unknown> {
    return this.#plan.entry === 'run' ? this.#system.run() : this.#system.start();
  }

  #stop(): void {
    this.#world.follow('stop', 'app', async () => {
      this.#report = await this.#system.stop();
    });
  }

  #take(step: Step): void {
    if (step.do === 'act') this.#actor.act(step.act);
    if (step.do !== 'exit') return;
    for (const path of step.paths) this.#world.latest(path)?.wake?.(step.reason);
  }

  #listen(): void {
    const system = this.#system;
    const statusOf = (path: string) => system.find(path)?.status() ?? 'absent';
    system.events$.subscribe((event) => {
      const status = event.type === 'phase' ? (system.phase ?? '') : statusOf(event.path);
      this.#log.add({ kind: 'event', event, status });
      if (event.type === 'listener-failed') this.#complaints++;
      system.find(event.path)?.explain();
    });
    for (const { on, nth, act } of this.#plan.reactions) {
      let left = nth;
      system.events$.subscribe(({ type }) => {
        if (type !== on || left-- !== 0) return;
        if (act.fn !== 'throw') this.#actor.act(act);
        else if (this.#throws) throw new Error('scripted listener');
      });
    }
    system.events$.subscribe((event) => {
      const status = event.type === 'phase' ? (system.phase ?? '') : statusOf(event.path);
      this.#echoes.push([event.seq, status]);
    });
  }

  get #length(): number {
    return this.#log.entries.length - this.#complaints;
  }

  get #isTooLong(): boolean {
    return this.#length > longest || this.#clock.isLooping;
  }

  async #settle(): Promise<void> {
    await this.#clock.settle();
  }

  async #advance(ms: number): Promise<void> {
    const clock = this.#clock;
    const end = clock.monotonic() + ms;
    await this.#settle();
    for (let at = clock.nextAt; at !== undefined && at <= end; at = clock.nextAt) {
      if (this.#isTooLong) return;
      await clock.advance(at - clock.monotonic());
    }
    await clock.advance(end - clock.monotonic());
  }

  /** Until nobody waits for anything. */
  async #drain(): Promise<void> {
    const clock = this.#clock;
    const end = clock.monotonic() + patienceMs;
    await this.#settle();
    for (let at = clock.nextAt; at !== undefined && at <= end; at = clock.nextAt) {
      this.#isUnfinished = this.#length > 4 * longest;
      if (this.#isUnfinished || clock.isLooping) return;
      await clock.advance(at - clock.monotonic());
    }
  }

  #history(): History {
    const system = this.#system;
    const paths = system.paths();
    const worstCases = new Map<string, number>();
    for (const path of paths) {
      const ref = system.find(path);
      if (this.#shape.group(path) && ref) worstCases.set(path, ref.worstCaseStop());
    }
    return {
      plan: this.#plan,
      shape: this.#shape,
      entries: this.#log.entries,
      runs: this.#world.runs.map((run) => ({
        run: run.number,
        path: run.ctx.path,
        incarnation: run.ctx.incarnation,
        isOver: run.isOver,
        isAborted: run.ctx.signal.aborted,
        isSameSignal: run.isSameSignal,
      })),
      statuses: new Map(paths.map((path) => [path, system.find(path)?.status() ?? 'absent'])),
      echoes: this.#echoes,
      worstCases,
      timersLeft: this.#clock.libraryTimers,
      isLooping: this.#clock.isLooping,
      isUnfinished: this.#isUnfinished,
      escaped: this.#guard.escaped,
      report: this.#report,
      throws: this.#throws,
    };
  }

  get #shape(): Shape {
    return new Shape(this.#plan);
  }
}

const processEvents = ['unhandledRejection', 'uncaughtException'] as const;

/** Keeps what escapes to the process from everybody else, and notes it. */
class ProcessGuard {
  readonly escaped: unknown[] = [];
  readonly #exitCode = process.exitCode;
  readonly #others = processEvents.map((name) => [name, process.listeners(name as never)] as const);

  constructor() {
    for (const name of processEvents) {
      process.removeAllListeners(name);
      process.on(name, this.#note);
    }
  }

  readonly #note = (error: unknown) => {
    this.escaped.push(error);
  };

  restore(): void {
    process.exitCode = this.#exitCode;
    for (const [name, listeners] of this.#others) {
      process.removeAllListeners(name);
      for (const listener of listeners) process.on(name, listener as () => void);
    }
  }
}
