import { pino } from 'pino';
import type { AnySupervisor } from '../../src/define/definition.ts';
import type { LifecycleEvent, StopReport, SystemOptions } from '../../src/index.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import type { Engine, EngineFailure, ResultsOf, Step } from '../../src/services/engine/engine.ts';
import { EngineError } from '../../src/services/engine/engine.ts';
import { MemoryEngine } from '../../src/services/engine/memory-engine.ts';
import { reads } from '../../src/services/engine/operations.ts';
import { System } from '../../src/services/system.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

const gone: EngineFailure = {
  code: 'DARUMA_STORAGE_UNUSABLE',
  message: 'The network is down.',
  hint: 'A fault of the test.',
};

/** The way of one replica to the engine that all share. */
export class Line implements Engine {
  readonly #shared: Engine;
  isCut = false;
  /** What is asked is never answered. */
  isHanging = false;
  /** What is to be changed is changed, but nobody hears of it. */
  isDeaf = false;

  constructor(shared: Engine) {
    this.#shared = shared;
  }

  async submit<const Steps extends readonly Step[]>(
    steps: Steps,
    options?: { readonly isRehearsal?: boolean },
  ): Promise<ResultsOf<Steps>> {
    if (this.isCut) throw new EngineError(gone);
    if (this.isHanging) return await new Promise(() => {});
    const results = await this.#shared.submit(steps, options);
    if (this.isDeaf && steps.some(([name]) => !reads.has(name))) throw new EngineError(gone);
    return results;
  }

  watch(topic: string, listener: () => void): () => void {
    return this.#shared.watch(topic, () => {
      if (!this.isCut) listener();
    });
  }

  close(): undefined {}

  abort(): void {}
}

/** The time of one process: it can be frozen, as if it were killed, or stopped for a while. */
class ProcessClock implements Clock {
  readonly #clock: VirtualClock;
  readonly #held: (() => void)[] = [];
  isDead = false;
  isStopped = false;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  now(): number {
    return this.#clock.now();
  }

  setTimeout(fn: () => void, ms: number): unknown {
    return this.#clock.setTimeout(() => {
      if (this.isDead) return;
      if (this.isStopped) this.#held.push(fn);
      else fn();
    }, ms);
  }

  clearTimeout(handle: unknown): void {
    this.#clock.clearTimeout(handle);
  }

  /** What came due meanwhile happens now. */
  resume(): void {
    this.isStopped = false;
    for (const fn of this.#held.splice(0)) fn();
  }
}

/** One process of a program. */
export class Replica<Root extends AnySupervisor> {
  readonly name: string;
  readonly line: Line;
  readonly clock: ProcessClock;
  readonly system: System<Root>;
  readonly events: LifecycleEvent[] = [];
  readonly #cluster: Cluster<Root>;

  constructor(cluster: Cluster<Root>, name: string, root: Root, options: SystemOptions) {
    this.#cluster = cluster;
    this.name = name;
    this.line = new Line(cluster.engine);
    this.clock = new ProcessClock(cluster.clock);
    this.system = new System(
      root,
      {
        logger: pino({ level: 'silent' }),
        env: {},
        seed: name.charCodeAt(0),
        storage: 'memory',
        ...options,
        clock: this.clock,
      },
      { bends: { replica: name, storage: () => this.line } },
    );
    this.system.events$.subscribe((event) => this.events.push(event));
  }

  async start(): Promise<this> {
    const started = this.system.start();
    started.catch(() => {});
    await this.#cluster.clock.settle();
    return this;
  }

  /** Vanishes as by kill -9: nothing of it happens any more, and nobody hears of it. */
  kill(): void {
    this.clock.isDead = true;
    this.line.isCut = true;
  }

  async stop(): Promise<StopReport> {
    const stopped = this.system.stop();
    await this.#cluster.clock.settle();
    return await stopped;
  }

  /** What happened to its lease. */
  get leases(): string[] {
    return this.events.flatMap((event) =>
      event.type === 'lease' ? [[event.status, event.token ?? event.holder].join(' ').trim()] : [],
    );
  }
}

/** Several processes of one program on one engine, under one virtual clock. */
export class Cluster<Root extends AnySupervisor> {
  readonly clock = new VirtualClock();
  readonly engine = new MemoryEngine();
  readonly #make: (replica: string) => Root;
  readonly #options: SystemOptions;

  constructor(make: (replica: string) => Root, options: SystemOptions = {}) {
    this.#make = make;
    this.#options = options;
  }

  start(
    name: string,
    line: Partial<Pick<Line, 'isCut' | 'isDeaf' | 'isHanging'>> = {},
  ): Promise<Replica<Root>> {
    const replica = new Replica(this, name, this.#make(name), this.#options);
    Object.assign(replica.line, line);
    return replica.start();
  }

  advance(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }
}
