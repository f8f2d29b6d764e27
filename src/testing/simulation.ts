import type { AnySupervisor } from '../define/definition.ts';
import type { SupervisorSpec } from '../define/spec.ts';
import type { LifecycleEvent } from '../events.ts';
import type { Status } from '../kernel/node.ts';
import type { StopReport } from '../kernel/report.ts';
import { System } from '../kernel/system.ts';
import { FakeSignals } from './fake-signals.ts';
import { FaultDriver } from './fault-driver.ts';
import { emptyPlan, type Fault, type FaultPlan } from './plan.ts';
import { withPolicies } from './policies.ts';
import { silentLogger } from './silent-logger.ts';
import { SimulatedBody } from './simulated-body.ts';
import { type SimulationHappening, Trace, type TraceEvent } from './trace.ts';
import { TreeInfo } from './tree-info.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Timers that one run may fire: more is a livelock. */
export const livelockSteps = 200_000;

/** How long after the horizon a tree may take to be down, when something in it has no limit. */
const patienceMs = 24 * 3_600_000;

/**
 * One run of a tree under virtual time: the real kernel, with the faults of a plan put around what
 * the user wrote. Everything that happens is in the trace.
 */
export class Simulation {
  readonly plan: FaultPlan;
  readonly clock = new VirtualClock();
  readonly signals = new FakeSignals();
  readonly tree: TreeInfo;
  readonly system: System<AnySupervisor>;
  readonly #events: TraceEvent[] = [];
  readonly #faults: FaultDriver;
  readonly #listeners = new Set<(event: TraceEvent) => void>();
  #choice = 0;
  #escapes = 0;
  #report: StopReport | undefined;
  #isLivelock = false;

  constructor(root: AnySupervisor, plan: FaultPlan = emptyPlan) {
    this.plan = plan;
    this.clock.choose = (count) => (plan.choices[this.#choice++] ?? 0) % count;
    this.clock.onStep = () => {
      if (this.clock.steps > livelockSteps) this.#isLivelock = true;
    };
    let spec: SupervisorSpec | undefined;
    this.#faults = new FaultDriver(this, plan.faults);
    this.system = new System(
      root,
      {
        clock: this.clock,
        seed: plan.seed,
        signals: this.signals,
        logger: silentLogger,
        env: {},
      },
      {
        makeBody: (body, node) => {
          const simulated = new SimulatedBody(body, node, this.clock);
          this.#faults.meet(simulated);
          return simulated;
        },
        rewrite: (compiled) => {
          spec = withPolicies(compiled, plan.policy);
          return spec;
        },
      },
    );
    this.tree = new TreeInfo(spec as unknown as SupervisorSpec);
    this.system.events$.subscribe((event) => this.#take(event));
  }

  /** Virtual milliseconds since the boot. */
  get now(): number {
    return this.clock.monotonic();
  }

  get isLivelock(): boolean {
    return this.#isLivelock;
  }

  /** How the system came down; undefined while it is up. */
  get report(): StopReport | undefined {
    return this.#report;
  }

  get events(): readonly TraceEvent[] {
    return this.#events;
  }

  /** Begins the boot; what it becomes shows as time is moved on. */
  boot(): void {
    this.#faults.arm();
    this.system.start().catch(() => {});
    void this.system.stopped().then((report) => {
      this.#report = report;
    });
  }

  /** Asks the system to stop; a second call joins the first. */
  shutdown(): void {
    this.note({ type: 'call', call: 'stop' });
    void this.system.stop();
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

  /** Puts something on record. */
  note(happening: SimulationHappening, path: string = this.tree.root.name, incarnation = 0): void {
    if (happening.type === 'escape') this.#escapes++;
    const seq = this.#events.length + 1;
    this.#record({ seq, at: this.now, path, incarnation, ...happening });
  }

  /** Whether time may still be moved on usefully. */
  get isOver(): boolean {
    return this.#isLivelock || this.#report !== undefined;
  }

  /** When a run that does not end is given up. */
  get lastMoment(): number {
    return this.plan.horizonMs + patienceMs;
  }

  /** Closes the record. */
  finish(): Trace {
    this.note({
      type: 'finished',
      pendingTimers: this.clock.pendingTimers,
      isLivelock: this.#isLivelock,
    });
    const header = {
      v: 1 as const,
      tree: this.tree.digest,
      plan: this.plan,
      deterministic: this.#escapes === 0,
    };
    return new Trace(header, this.#events);
  }

  #take(event: LifecycleEvent): void {
    this.#record({ ...event, seq: this.#events.length + 1 });
  }

  #record(event: TraceEvent): void {
    this.#events.push(event);
    this.#faults.look(event);
    for (const listener of this.#listeners) listener(event);
  }
}
