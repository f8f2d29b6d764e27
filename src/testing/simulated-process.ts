import type { AnySupervisor } from '../define/definition.ts';
import type { SupervisorSpec } from '../define/spec.ts';
import type { Clock } from '../kernel/clock.ts';
import type { StopReport } from '../kernel/report.ts';
import { System } from '../services/system.ts';
import type { SystemOptions } from '../services/system-options.ts';
import { FakeSignals } from './fake-signals.ts';
import { withBentWork } from './faults/bent-work.ts';
import type { Hook } from './faults/hooks.ts';
import { withFailingHooks } from './faults/hooks.ts';
import type { FaultPlan } from './plan.ts';
import { withPolicies } from './policies.ts';
import { silentLogger } from './silent-logger.ts';
import { type BodyFact, type ResourceFact, SimulatedBody, type Stage } from './simulated-body.ts';
import type { SimulatedBus } from './simulated-bus.ts';
import type { SimulatedStorage } from './simulated-storage.ts';
import { type StandIns, withStandIns } from './stand-ins.ts';
import type { SimulationHappening, TraceEvent } from './trace.ts';
import { unheard } from './unheard.ts';

/** What of a system a test may set; the rest is the simulation's. */
export type SimulatedSystemOptions = Pick<
  SystemOptions,
  'grace' | 'bootWithin' | 'config' | 'configFile' | 'env' | 'logger' | 'keepAlive'
>;

/** What a process takes from its simulation. */
export interface ProcessStage extends Pick<Stage, 'later'> {
  readonly standIns: StandIns;
  readonly plan: FaultPlan;
  readonly clock: Clock;
  readonly bus: SimulatedBus;
  readonly storage: SimulatedStorage;
  meet(body: SimulatedBody): void;
  /** The incarnation that is up at a path. */
  bodyAt(path: string): SimulatedBody | undefined;
  /** Whether a hook is to throw now. */
  hookFails(path: string, hook: Hook): boolean;
  record(event: TraceEvent): void;
  /** Puts on record what is no event of the system. */
  note(happening: SimulationHappening, path: string, incarnation: number): void;
}

const origins = ['unhandledRejection', 'uncaughtException'] as const;

/**
 * One life of the process that is simulated: a system under virtual time, from its boot until it is
 * down or the process is killed. One that was killed does nothing any more: its timers do not fire,
 * nobody hears of its events, and what it arms is not armed.
 */
export class SimulatedProcess implements Stage {
  readonly #stage: ProcessStage;
  readonly #forget: () => void;
  readonly #errorListeners: (() => void)[] = [];
  readonly signals = new FakeSignals();
  readonly system: System<AnySupervisor>;
  /** The tree as it was compiled for this run. */
  readonly spec: SupervisorSpec;
  #isKilled = false;
  #report: StopReport | undefined;

  constructor(root: AnySupervisor, options: SimulatedSystemOptions, stage: ProcessStage) {
    this.#stage = stage;
    const { plan } = stage;
    let spec: SupervisorSpec | undefined;
    this.system = new System(
      root,
      {
        env: {},
        keepAlive: true,
        logger: silentLogger,
        ...options,
        attributeErrors: true,
        clock: this.#mortal(stage.clock),
        seed: plan.seed,
        signals: this.signals,
        ...unheard,
      },
      {
        makeBody: (body, node) => {
          const simulated = new SimulatedBody(body, node, this);
          if (!this.#isKilled) stage.meet(simulated);
          return simulated;
        },
        bends: {
          bus: stage.bus.within(this),
          storage: (engine) => stage.storage.within(this, engine),
        },
        rewrite: (compiled) => {
          spec = this.#rewritten(compiled);
          return spec;
        },
        holdProcess: () => () => {},
      },
    );
    this.spec = spec as unknown as SupervisorSpec;
    const subscription = this.system.events$.subscribe((event) => stage.record(event));
    this.#forget = () => subscription.unsubscribe();
  }

  get isKilled(): boolean {
    return this.#isKilled;
  }

  /** How the system came down; undefined while it is up. */
  get report(): StopReport | undefined {
    return this.#report;
  }

  /** Begins the boot; what it becomes shows as time is moved on. */
  boot(): void {
    const before = origins.map((origin) => process.rawListeners(origin));
    void this.system.run();
    for (const [index, origin] of origins.entries()) {
      const added = process.rawListeners(origin).filter((each) => !before[index]?.includes(each));
      for (const listener of added as (() => void)[]) {
        this.#errorListeners.push(() => process.off(origin, listener));
      }
    }
    void this.system.stopped().then((report) => {
      this.#report = report;
    });
  }

  kill(): void {
    this.#isKilled = true;
    this.#forget();
    // Errors of its successor are none of its own.
    for (const forget of this.#errorListeners) forget();
  }

  /** Leaves nothing behind in the process that it was simulated in. */
  end(): void {
    // One that was killed holds nothing, and must not clean up after all.
    if (this.#report || this.#isKilled) return;
    for (let nth = 0; nth < 2; nth++) this.signals.raise('SIGTERM');
  }

  // For its bodies.

  later(ms: number, step: () => void): void {
    this.#stage.later(ms, () => {
      if (!this.#isKilled) step();
    });
  }

  noteBody(fact: BodyFact, path: string, incarnation: number): void {
    this.#note({ type: fact }, path, incarnation);
  }

  noteUse(what: string, path: string, incarnation: number): void {
    this.#note({ type: 'context-used', what }, path, incarnation);
  }

  noteResource(did: ResourceFact, nth: number, path: string, incarnation: number): void {
    this.#note({ type: 'resource', did, nth }, path, incarnation);
  }

  #noteHook(path: string, hook: Hook, answer: unknown): void {
    const said = typeof answer === 'string' ? { answer } : {};
    this.#note({ type: 'hook', hook, ...said }, path, this.#incarnationAt(path));
  }

  #incarnationAt(path: string): number {
    return this.system.find(path)?.incarnation() ?? 0;
  }

  #note(happening: SimulationHappening, path: string, incarnation: number): void {
    if (!this.#isKilled) this.#stage.note(happening, path, incarnation);
  }

  #rewritten(compiled: SupervisorSpec): SupervisorSpec {
    const { plan, standIns, bodyAt, hookFails } = this.#stage;
    const { name } = compiled;
    const played = withStandIns(withPolicies(compiled, plan.policy), standIns);
    const bent = withBentWork(played, name, {
      bodyAt,
      handled: (path, note) => this.#note(note, path, this.#incarnationAt(path)),
    });
    return withFailingHooks(bent, {
      fails: hookFails,
      called: (path, hook, answer) => this.#noteHook(path, hook, answer),
    });
  }

  #mortal(clock: Clock): Clock {
    return {
      monotonic: () => clock.monotonic(),
      now: () => clock.now(),
      setTimeout: (fn, ms) => (this.#isKilled ? undefined : clock.setTimeout(fn, ms)),
      clearTimeout: (handle) => {
        if (handle !== undefined) clock.clearTimeout(handle);
      },
    };
  }
}
