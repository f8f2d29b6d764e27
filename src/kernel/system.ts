import { type Logger, pino } from 'pino';
import type { Observable } from 'rxjs';
import { type Duration, parseDuration } from '../../actors/rules/duration.ts';
import { compileTree } from '../define/compile.ts';
import type { AnyDefinition, AnySupervisor, ReadyOf } from '../define/definition.ts';
import { resolveConfig } from '../define/resolve-config.ts';
import type { ItemSpec } from '../define/spec.ts';
import type { PathsOf, TreeOf } from '../define/tree.ts';
import { DarumaError, type Fault } from '../errors.ts';
import type { LifecycleEvent, SystemPhase } from '../events.ts';
import type { InspectionObserver } from './actors.ts';
import { attributed, unattributed } from './attribution.ts';
import { type Clock, realClock } from './clock.ts';
import { Dependencies } from './dependencies.ts';
import { Dispatcher } from './dispatcher.ts';
import { type Health, healthOf } from './health.ts';
import { environment, processSignals, type SignalSource } from './host-process.ts';
import { Journal } from './journal.ts';
import type { Kernel } from './kernel.ts';
import { LiveRef } from './live-ref.ts';
import { logEvents } from './logs.ts';
import { notFoundError } from './messages.ts';
import type { TreeNode } from './node.ts';
import { lifelong } from './observable.ts';
import { freshSeed, seededRandom } from './random.ts';
import type { AnyRef, RefOf } from './ref.ts';
import { Leftovers, type StopReport, stopReport } from './report.ts';
import { runUntilStopped } from './run.ts';
import { type RootEnd, SystemRoot } from './system-root.ts';
import { Tree } from './tree.ts';

export interface ConfigFile {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface SystemOptions {
  /** What a whole stop may take; 1 s of it is kept back for leaving. @default '25s' */
  readonly grace?: Duration | 'infinity';
  /** What the first start of the whole tree may take. @default '60s' */
  readonly bootWithin?: Duration | 'infinity';
  /** Configuration by path: `{ 'app/feed': { url } }`. @default none */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The same, read from a file; wins over `config`. The name is for messages. @default none */
  readonly configFile?: ConfigFile;
  /** Where `DARUMA__path__key` is looked up. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default pino on standard output, level 'info' */
  readonly logger?: Logger;
  /** Any XState inspection observer: `inspect: createInspector(...).inspect`. @default none */
  readonly inspect?: InspectionObserver;
  /** @default the time of this process */
  readonly clock?: Clock;
  /** All randomness comes from it. @default drawn at random; see `system.seed` */
  readonly seed?: number;
  /** Where `run()` hears of signals. @default the process */
  readonly signals?: SignalSource;
  /** `run()` goes on when every child has ended normally. @default false */
  readonly keepAlive?: boolean;
  /**
   * An unhandled rejection or uncaught exception from code of a child fails that child, while the
   * system runs. Costs an async context for each call of user code. @default false
   */
  readonly attributeErrors?: boolean;
}

/**
 * Makes a system of a definition. Everything is checked here, and nothing is started.
 *
 * @throws DefinitionError with every fault of the definition, each with its path.
 */
export function createSystem<Root extends AnySupervisor>(
  root: Root,
  options: SystemOptions = {},
): System<Root> {
  return new System(root, options);
}

/** A tree of services that runs as one. Starts once, stops once. */
export class System<Root extends AnySupervisor = AnySupervisor> {
  readonly #options: SystemOptions;
  readonly #kernel: Kernel;
  readonly #root: SystemRoot;
  readonly #places: ReadonlyMap<unknown, readonly string[]>;
  readonly #configs: Promise<ReadonlyMap<string, unknown>>;
  readonly #leftovers: Leftovers;
  #starting: Promise<this> | undefined;
  /** What is legal in the definition but seldom meant. */
  readonly warnings: readonly Fault[];
  /** Repeats all random choices of this run when given as an option. */
  readonly seed: number;

  constructor(root: Root, options: SystemOptions) {
    this.#options = options;
    const graceMs = limitOf(options.grace ?? '25s', 'grace');
    const bootWithinMs = limitOf(options.bootWithin ?? '60s', 'bootWithin');
    const compiled = compileTree(root, { graceMs });
    this.warnings = compiled.warnings;
    this.#places = compiled.places;
    this.seed = options.seed ?? freshSeed();
    const configSources = {
      values: options.config,
      file: options.configFile,
      env: options.env ?? environment(),
    };
    this.#configs = resolveConfig(compiled.root, configSources);
    this.#configs.catch(() => {});
    const clock = options.clock ?? realClock;
    const tree = new Tree();
    const journal = new Journal(clock, compiled.root.name);
    this.#kernel = {
      clock,
      dispatcher: new Dispatcher(),
      journal,
      tree,
      dependencies: new Dependencies(tree),
      random: seededRandom(this.seed),
      logger: options.logger ?? pino(),
      configs: new Map(),
      configSources,
      pathOf: (place) => this.#pathOf(place),
      placesOf: (definition) => this.#places.get(definition) ?? [],
      attribute: options.attributeErrors ? attributed : unattributed,
    };
    this.#leftovers = new Leftovers(journal);
    const limits = { graceMs, bootWithinMs };
    this.#root = new SystemRoot(this.#kernel, compiled.root, limits, options.inspect);
    settleAll(tree, compiled.root, undefined);
    logEvents(journal, tree, this.#kernel.logger);
  }

  /**
   * Starts the tree. Resolves when all of it is ready; rejects when it is down again after a failed
   * first start, or when it was stopped meanwhile. Installs no signal handlers and never exits.
   */
  start(): Promise<this> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** Stops the tree in reverse order, within the grace period. Never rejects. */
  stop(): Promise<StopReport> {
    if (!this.#starting) {
      this.#starting = Promise.reject(stoppedError(this.path));
      this.#root.neverStart();
    }
    // Who started it is told; who only stops it need not handle that.
    this.#starting.catch(() => {});
    this.#root.send({ type: 'stop' });
    return this.stopped();
  }

  /** Resolves when the tree is down, whoever asked for it. Never rejects. */
  stopped(): Promise<StopReport> {
    return new Promise((resolve) => {
      this.#kernel.journal.onClose(() => {
        resolve(stopReport(this.#root.end as RootEnd, this.#leftovers));
      });
    });
  }

  /**
   * Starts, runs until a signal, an escalation or the end of every child, and stops. The first
   * signal stops in order, the second leaves at once. Resolves with the exit code, and sets
   * `process.exitCode`; leaving the process is up to the caller.
   */
  run(): Promise<number> {
    return runUntilStopped(this, this.#kernel, this.#root, {
      signals: this.#options.signals ?? processSignals,
      keepAlive: this.#options.keepAlive ?? false,
      attributeErrors: this.#options.attributeErrors ?? false,
    });
  }

  /** A handle on a place of this tree. Below a dynamic supervisor any id is a place. */
  ref<Path extends PathsOf<Root>>(path: Path): RefOf<TreeOf<Root>[Path]> {
    if (!this.#isPlace(path)) throw notFoundError(path, 'ref()');
    return this.#refAt(path) as RefOf<TreeOf<Root>[Path]>;
  }

  /** A handle on a place whose path is only known at run time; undefined when there is none. */
  find(path: string): AnyRef | undefined {
    return this.#kernel.tree.get(path) ? this.#refAt(path) : undefined;
  }

  /** The paths of everything that is in the tree now. */
  paths(): string[] {
    return [...this.#kernel.tree.all()].map((node) => node.path);
  }

  /** What a definition made ready, for code outside the tree; undefined while it is not running. */
  value<Definition extends AnyDefinition>(definition: Definition): ReadyOf<Definition> | undefined {
    const path = this.#pathOf(definition);
    return this.#kernel.dependencies.valueOf(path) as ReadyOf<Definition> | undefined;
  }

  /** The health of the whole tree. Not ready unless it is running. */
  health(): Health {
    const health = healthOf(this.#root.node);
    return { ...health, ready: health.ready && this.phase === 'running' };
  }

  /** The path of the root. */
  get path(): string {
    return this.#root.node.path;
  }

  /** undefined before `start`. */
  get phase(): SystemPhase | undefined {
    return this.#root.phase;
  }

  /** Every lifecycle event from now on, in one total order. Completes when the system has stopped. */
  get events$(): Observable<LifecycleEvent> {
    const { journal } = this.#kernel;
    return lifelong<LifecycleEvent>(journal, (next) => journal.listen(next));
  }

  /** The phase now and after every change. Completes when the system has stopped. */
  get phase$(): Observable<SystemPhase> {
    const { journal } = this.#kernel;
    return lifelong<SystemPhase>(journal, (next) => {
      if (this.phase) next(this.phase);
      return journal.listen((event) => {
        if (event.type === 'phase') next(event.phase);
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #start(): Promise<this> {
    try {
      for (const [path, value] of await this.#configs) this.#kernel.configs.set(path, value);
    } catch (error) {
      this.#root.neverStart(error);
      throw error;
    }
    return await new Promise((resolve, reject) => {
      this.#root.onReady = () => resolve(this);
      this.#kernel.journal.onClose(() => {
        const { end } = this.#root;
        reject(end?.bootError ?? end?.outcome?.error ?? stoppedError(this.path));
      });
      this.#root.begin();
    });
  }

  #refAt(path: string): AnyRef {
    return new LiveRef(this.#kernel, path, () => this.stop());
  }

  #isPlace(path: string): boolean {
    const { tree } = this.#kernel;
    if (tree.get(path)) return true;
    for (const [, places] of this.#places) if (places.includes(path)) return true;
    return false;
  }

  #pathOf(place: string | AnyDefinition): string {
    if (typeof place === 'string') return place;
    const [path, ...others] = this.#places.get(place) ?? [];
    if (path === undefined) throw notFoundError(place.name, 'a definition that is not part of it');
    if (others.length === 0) return path;
    throw new DarumaError(
      'DARUMA_AMBIGUOUS_NEED',
      `${place.name} occurs at ${[path, ...others].join(' and ')}.`,
      { paths: [path, ...others], path, hint: 'Name the path instead of the definition.' },
    );
  }
}

/** Every place of the definition is there from the beginning, so that it can be looked at. */
function settleAll(tree: Tree, spec: ItemSpec, parent: TreeNode | undefined): void {
  const node = tree.settle(spec, spec.name, parent);
  if (spec.kind === 'supervisor') for (const child of spec.children) settleAll(tree, child, node);
}

function limitOf(value: Duration | 'infinity', name: string): number {
  if (value === 'infinity') return Number.POSITIVE_INFINITY;
  const ms = parseDuration(value);
  if (ms !== undefined) return ms;
  throw new DarumaError('DARUMA_INVALID_DURATION', `${name}: ${String(value)} is not a duration.`, {
    hint: "Milliseconds as a number, text such as '25s', or 'infinity'.",
  });
}

function stoppedError(path: string): DarumaError {
  return new DarumaError('DARUMA_STOPPED', `${path} was stopped before it was ready.`, {
    path,
    hint: 'A system starts once; make a new one to start again.',
  });
}
