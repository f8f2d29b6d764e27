import type { AnySupervisor } from '../define/definition.ts';
import type { SupervisorSpec } from '../define/spec.ts';
import type { Status } from '../kernel/node.ts';
import type { AnyRef } from '../kernel/ref.ts';
import type { StopReport } from '../kernel/report.ts';
import { quietProcess } from '../services/metrics/process.ts';
import { System } from '../services/system.ts';
import type { SystemOptions } from '../services/system-options.ts';
import { FakeSignals } from './fake-signals.ts';
import { FaultDriver } from './fault-driver.ts';
import { withBentWork } from './faults/bent-work.ts';
import { type Hook, withFailingHooks } from './faults/hooks.ts';
import { LivelockWatch } from './livelock.ts';
import { emptyPlan, type Fault, type FaultPlan } from './plan.ts';
import { withPolicies } from './policies.ts';
import { silentLogger } from './silent-logger.ts';
import { type BodyFact, SimulatedBody } from './simulated-body.ts';
import { SimulatedBus } from './simulated-bus.ts';
import { SimulatedStorage } from './simulated-storage.ts';
import { limitsOf } from './system-limits.ts';
import { type SimulationHappening, Trace, type TraceEvent } from './trace.ts';
import { TreeInfo } from './tree-info.ts';
import { VirtualClock } from './virtual-clock.ts';

/** How long after the horizon a tree may take to be down, when something in it has no limit. */
const patienceMs = 24 * 3_600_000;

/** What of a system a test may set; the rest is the simulation's. */
export type SimulatedSystemOptions = Pick<
  SystemOptions,
  'grace' | 'bootWithin' | 'config' | 'configFile' | 'env' | 'logger' | 'keepAlive'
>;

/** A choice among timers that were due at one instant. */
export interface ChoiceMade {
  /** Position on the tape. */
  readonly index: number;
  readonly at: number;
  readonly count: number;
  readonly taken: number;
}

/** What may be called on a place by hand. */
export type HandCall = 'start' | 'stop' | 'restart';

/**
 * One run of a tree under virtual time: the real kernel, with the faults of a plan put around what
 * the user wrote. Everything that happens is in the trace.
 */
export class Simulation {
  readonly plan: FaultPlan;
  readonly clock = new VirtualClock();
  readonly #livelock = new LivelockWatch(this.clock);
  readonly signals = new FakeSignals();
  readonly tree: TreeInfo;
  readonly system: System<AnySupervisor>;
  readonly #events: TraceEvent[] = [];
  readonly #faults: FaultDriver;
  readonly #listeners = new Set<(event: TraceEvent) => void>();
  readonly #choicesMade: ChoiceMade[] = [];
  /** Hooks that throw the next time that they are called. */
  readonly #failingHooks = new Set<string>();
  readonly bus: SimulatedBus = new SimulatedBus(this);
  #storage: SimulatedStorage | undefined;
  #ownTimers = 0;
  #escapes = 0;
  #report: StopReport | undefined;
  #isFinished = false;

  constructor(
    root: AnySupervisor,
    plan: FaultPlan = emptyPlan,
    options: SimulatedSystemOptions = {},
  ) {
    this.plan = plan;
    if (plan.choices.some((choice) => choice > 0)) this.clock.choose = (count) => this.#take(count);
    this.#faults = new FaultDriver(this, plan);
    let spec: SupervisorSpec | undefined;
    this.system = new System(
      root,
      {
        env: {},
        keepAlive: true,
        logger: silentLogger,
        ...options,
        attributeErrors: true,
        clock: this.clock,
        seed: plan.seed,
        signals: this.signals,
        metrics: { openTelemetry: false, lifecycle: false, process: quietProcess },
        storage: 'memory',
        // They are on record as events; nobody is told.
        notify: { channels: [], alerts: false },
      },
      {
        makeBody: (body, node) => {
          const simulated = new SimulatedBody(body, node, this);
          this.#faults.meet(simulated);
          return simulated;
        },
        bends: {
          bus: this.bus,
          storage: (engine) => {
            this.#storage = new SimulatedStorage(engine, this);
            return this.#storage;
          },
        },
        rewrite: (compiled) => {
          const bent = withBentWork(withPolicies(compiled, plan.policy), compiled.name, (path) =>
            this.bodyAt(path),
          );
          spec = withFailingHooks(bent, compiled.name, {
            fails: (path, hook) => this.#failingHooks.delete(`${hook} of ${path}`),
            called: (path, hook, answer) => this.#noteHook(path, hook, answer),
          });
          return spec;
        },
      },
    );
    this.tree = new TreeInfo(spec as unknown as SupervisorSpec, limitsOf(options));
    this.system.events$.subscribe((event) => this.#record(event));
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
    return this.#report;
  }

  get events(): readonly TraceEvent[] {
    return this.#events;
  }

  /** The timers that the choice tape has decided between. */
  get choicesMade(): readonly ChoiceMade[] {
    return this.#choicesMade;
  }

  /** Timers of the system that are armed: those of faults and of the test left out. */
  get pendingTimers(): number {
    return this.clock.pendingTimers - this.#ownTimers;
  }

  /** Begins the boot; what it becomes shows as time is moved on. */
  boot(): void {
    this.#faults.arm();
    void this.system.run();
    void this.system.stopped().then((report) => {
      this.#report = report;
    });
  }

  /** Asks the system to stop; a second call joins the first. */
  shutdown(): void {
    this.note({ type: 'call', call: 'stop' });
    void this.system.stop();
  }

  /** Calls on a place by hand. That it is refused is fine: this is in the trace, as the call is. */
  call(call: HandCall, path: string): void {
    this.note({ type: 'call', call }, path);
    const ref: AnyRef | undefined = this.system.find(path);
    ref?.[call]().catch(() => {});
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
    this.#ownTimers++;
    const { lateness } = this.clock;
    this.clock.lateness = undefined;
    this.clock.setTimeout(() => {
      this.#ownTimers--;
      step();
    }, ms);
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

  /** What services store things in; undefined before any of them has. */
  get storage(): SimulatedStorage | undefined {
    return this.#storage;
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

  /** Lets a subscriber outside the tree throw once. */
  failListener(): void {
    const subscription = this.system.events$.subscribe(() => {
      subscription.unsubscribe();
      throw new Error('injected: throw in listener');
    });
  }

  noteBody(type: BodyFact, path: string, incarnation: number): void {
    this.note({ type }, path, incarnation);
  }

  noteUse(what: string, path: string, incarnation: number): void {
    this.note({ type: 'context-used', what }, path, incarnation);
  }

  #noteHook(path: string, hook: Hook, answer: unknown): void {
    const said = typeof answer === 'string' ? { answer } : {};
    const incarnation = this.system.find(path)?.incarnation() ?? 0;
    this.note({ type: 'hook', hook, ...said }, path, incarnation);
  }

  /** Puts something on record. */
  note(happening: SimulationHappening, path: string = this.tree.root.name, incarnation = 0): void {
    if (happening.type === 'escape') this.#escapes++;
    this.#record({ seq: 0, at: this.now, path, incarnation, ...happening });
  }

  /** Whether time may still be moved on usefully. */
  get isOver(): boolean {
    return this.#livelock.isLivelock || this.#report !== undefined;
  }

  /** When a run that does not end is given up. */
  get lastMoment(): number {
    return this.plan.horizonMs + patienceMs;
  }

  /** Closes the record, and leaves nothing behind in the process. */
  finish(): Trace {
    this.note({
      type: 'finished',
      pendingTimers: this.pendingTimers,
      isLivelock: this.#livelock.isLivelock,
    });
    this.#isFinished = true;
    if (!this.#report) for (let nth = 0; nth < 2; nth++) this.signals.raise('SIGTERM');
    const header = {
      v: 1 as const,
      tree: this.tree.digest,
      plan: this.plan,
      deterministic: this.#escapes === 0,
    };
    return new Trace(header, this.#events);
  }

  #record(event: TraceEvent): void {
    if (this.#isFinished) return;
    const numbered = { ...event, seq: this.#events.length + 1 };
    this.#events.push(numbered);
    this.#faults.look(numbered);
    for (const listener of this.#listeners) listener(numbered);
  }

  #take(count: number): number {
    const index = this.#choicesMade.length;
    const { choices } = this.plan;
    const taken = (choices[index] ?? 0) % count;
    this.#choicesMade.push({ index, at: this.now, count, taken });
    if (index + 1 >= choices.length) this.clock.choose = undefined;
    return taken;
  }
}
