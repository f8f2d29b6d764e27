import type { AnySupervisor } from '../define/definition.ts';
import type { Status } from '../kernel/node.ts';
import type { StopReport } from '../kernel/report.ts';
import type { System } from '../services/system.ts';
import { type ChoiceMade, ChoiceTape } from './choice-tape.ts';
import { FakeSignals } from './fake-signals.ts';
import { FaultDriver } from './fault-driver.ts';
import type { Hook } from './faults/hooks.ts';
import { callByHand, type HandCall } from './hand-calls.ts';
import { LivelockWatch } from './livelock.ts';
import { emptyPlan, type Fault, type FaultPlan } from './plan.ts';
import type { SimulatedBody } from './simulated-body.ts';
import { SimulatedBus } from './simulated-bus.ts';
import { SimulatedProcess, type SimulatedSystemOptions } from './simulated-process.ts';
import { SimulatedStorage } from './simulated-storage.ts';
import type { StandIns } from './stand-ins.ts';
import { limitsOf } from './system-limits.ts';
import { type SimulationHappening, Trace, type TraceEvent } from './trace.ts';
import { TreeInfo } from './tree-info.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { World } from './world/world.ts';

/** How long after the horizon a tree may take to be down, when something in it has no limit. */
const patienceMs = 24 * 3_600_000;

/** Timers that were left behind and are named. */
const mostLeaks = 10;

export interface SimulationOptions {
  /** Options of the system; its clock, seed and signals are the simulation's. */
  readonly system?: SimulatedSystemOptions | undefined;
  /**
   * Fakes for services that reach outside, by path. Needs, policies and limits stay those of the
   * tree. @default every service is itself
   */
  readonly standIns?: StandIns | undefined;
}

/**
 * One run of a tree under virtual time: the real kernel, with the faults of a plan put around what
 * the user wrote. Everything that happens is in the trace.
 */
export class Simulation {
  readonly plan: FaultPlan;
  readonly clock: VirtualClock;
  readonly tree: TreeInfo;
  readonly #root: AnySupervisor;
  readonly #options: SimulatedSystemOptions;
  readonly #standIns: StandIns;
  readonly #world: World;
  readonly #events: TraceEvent[] = [];
  readonly #faults: FaultDriver;
  readonly #listeners = new Set<(event: TraceEvent) => void>();
  readonly #tape: ChoiceTape;
  /** Hooks that throw the next time that they are called. */
  readonly #failingHooks = new Set<string>();
  /** Timers of faults and of the test. */
  readonly #ownTimers = new Set<unknown>();
  /** Its lives, the present one last. */
  readonly #processes: SimulatedProcess[] = [];
  readonly #livelock: LivelockWatch;
  readonly bus: SimulatedBus = new SimulatedBus(this);
  /** What services store things in. It outlives the process. */
  readonly storage: SimulatedStorage = new SimulatedStorage(this);
  #isStopping = false;
  #isFinished = false;

  constructor(
    root: AnySupervisor,
    world: World,
    plan: FaultPlan = emptyPlan,
    { system = {}, standIns = {} }: SimulationOptions = {},
  ) {
    this.#root = root;
    this.#world = world;
    this.#options = system;
    this.#standIns = standIns;
    this.plan = plan;
    this.clock = world.clock;
    this.#tape = new ChoiceTape(this.clock, plan.choices);
    this.#livelock = new LivelockWatch(this.clock);
    this.#faults = new FaultDriver(this, plan);
    this.tree = new TreeInfo(this.#newProcess().spec, limitsOf(system));
    world.onEscape = ({ path, incarnation, what, line }) =>
      this.note({ type: 'escape', what, line }, path, incarnation);
  }

  get system(): System<AnySupervisor> {
    return this.#process.system;
  }

  /** Where the process hears of signals. One that is dead hears of none. */
  get signals(): FakeSignals {
    return this.isDead ? new FakeSignals() : this.#process.signals;
  }

  /** Virtual milliseconds since the boot. */
  get now(): number {
    return this.clock.monotonic();
  }

  get isLivelock(): boolean {
    return this.#livelock.isLivelock;
  }

  /** How the system came down; undefined while it is up. */
  get report(): StopReport | undefined {
    return this.#process.report;
  }

  /** The process was killed, and is not up again. */
  get isDead(): boolean {
    return this.#process.isKilled;
  }

  get events(): readonly TraceEvent[] {
    return this.#events;
  }

  /** The timers that the choice tape has decided between. */
  get choicesMade(): readonly ChoiceMade[] {
    return this.#tape.made;
  }

  /**
   * Timers of the system that are armed: those of faults and of the test left out, and those that
   * would not keep a process alive.
   */
  get pendingTimers(): number {
    return this.clock.pendingTimers - this.#ownTimers.size - this.#world.unrefTimers;
  }

  /** Begins the boot; what it becomes shows as time is moved on. */
  boot(): void {
    this.#faults.arm();
    this.#process.boot();
  }

  /** Ends the process as `kill -9` does, without a stop; after so many milliseconds it boots again. */
  kill(bootAfterMs: number): void {
    if (this.isDead || this.isOver) return;
    this.note({ type: 'killed' });
    this.#process.kill();
    this.storage.lookUp();
    this.clock.clearAllBut(this.#ownTimers);
    this.#world.forgetTimers();
    this.#faults.forgetBodies();
    this.later(bootAfterMs, () => {
      if (this.#isStopping || this.#isFinished) return;
      this.#newProcess();
      this.#process.boot();
    });
  }

  /** Asks the system to stop; a second call joins the first. */
  shutdown(): void {
    this.note({ type: 'call', call: 'stop' });
    this.#isStopping = true;
    if (!this.isDead) void this.system.stop();
  }

  /** Calls on a place by hand. That it is refused is fine: this is in the trace, as the call is. */
  call(call: HandCall, path: string): void {
    const to = this.note({ type: 'call', call }, path);
    const process = this.#process;
    callByHand(this.isDead ? undefined : this.system, call, path, (refusal) => {
      // Who called is as dead as the process that was called.
      if (process === this.#process) this.note({ type: 'answered', to, ...refusal }, path);
    });
  }

  inject(fault: Fault): void {
    this.#faults.add(fault);
  }

  status(path: string): Status {
    return this.system.find(path)?.status() ?? 'absent';
  }

  /** Calls back on every event of the trace; returns the end of that. */
  listen(listener: (event: TraceEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back after so many virtual milliseconds; no timer of the system. */
  later(ms: number, step: () => void): void {
    const { lateness } = this.clock;
    this.clock.lateness = undefined;
    const timer = this.clock.setTimeout(() => {
      this.#ownTimers.delete(timer);
      step();
    }, ms);
    this.#ownTimers.add(timer);
    this.clock.lateness = lateness;
  }

  // For faults.

  /** The incarnation that is up at a path; undefined while there is none. */
  bodyAt(path: string): SimulatedBody | undefined {
    return this.#faults.bodyAt(path);
  }

  /** Bends every later incarnation of a path, as long as faults last. */
  bendEvery(path: string, bend: (body: SimulatedBody) => void): void {
    this.#faults.bendEvery(path, bend);
  }

  /** Lets a hook throw the next time that it is called. */
  failHook(path: string, hook: Hook): void {
    if (hook !== 'cleanup') this.#failingHooks.add(`${hook} of ${path}`);
    const context = this.bodyAt(path)?.context;
    if (hook === 'cleanup' && this.status(path) === 'running') {
      context?.defer(() => {
        throw new Error('injected: throw in cleanup');
      });
    }
  }

  /** Puts something on record. Returns its position in the trace. */
  note(
    happening: SimulationHappening,
    path: string = this.tree.root.name,
    incarnation = 0,
  ): number {
    return this.#record({ seq: 0, at: this.now, path, incarnation, ...happening });
  }

  /** Whether time may still be moved on usefully. */
  get isOver(): boolean {
    const isGone = this.isDead && this.#isStopping;
    return this.#livelock.isLivelock || isGone || this.report !== undefined;
  }

  /** When a run that does not end is given up. */
  get lastMoment(): number {
    return this.plan.horizonMs + patienceMs;
  }

  /** Closes the record, and leaves nothing behind in the process. */
  finish(): Trace {
    const { leaks, escapes, hasGlobals } = this.#world;
    this.note({
      type: 'finished',
      pendingTimers: this.pendingTimers,
      isLivelock: this.#livelock.isLivelock,
      ...(leaks.length > 0 && { leaks: leaks.slice(0, mostLeaks) }),
    });
    this.#isFinished = true;
    for (const each of this.#processes) each.end();
    this.storage.end();
    const header = {
      v: 1 as const,
      tree: this.tree.digest,
      plan: this.plan,
      deterministic: escapes.length === 0,
      ...(escapes.length > 0 && { escapes }),
      ...(hasGlobals && { globals: true as const }),
    };
    return new Trace(header, this.#events);
  }

  get #process(): SimulatedProcess {
    return this.#processes.at(-1) as SimulatedProcess;
  }

  #newProcess(): SimulatedProcess {
    const started = new SimulatedProcess(this.#root, this.#options, {
      plan: this.plan,
      standIns: this.#standIns,
      clock: this.clock,
      bus: this.bus,
      storage: this.storage,
      meet: (body) => this.#faults.meet(body),
      bodyAt: (path) => this.bodyAt(path),
      hookFails: (path, hook) => this.#failingHooks.delete(`${hook} of ${path}`),
      record: (event) => this.#record(event),
      later: (ms, step) => this.later(ms, step),
      note: (happening, path, incarnation) => this.note(happening, path, incarnation),
    });
    this.#processes.push(started);
    return started;
  }

  #record(event: TraceEvent): number {
    if (this.#isFinished) return 0;
    const numbered = { ...event, seq: this.#events.length + 1 };
    this.#events.push(numbered);
    this.#faults.look(numbered);
    for (const listener of this.#listeners) listener(numbered);
    return numbered.seq;
  }
}
