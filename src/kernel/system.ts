import { pino } from 'pino';
import type { Observable } from 'rxjs';
import { compileTree } from '../define/compile.ts';
import type { AnyDefinition, AnySupervisor, ReadyOf } from '../define/definition.ts';
import { resolveConfig } from '../define/resolve-config.ts';
import type { ItemSpec, SupervisorSpec } from '../define/spec.ts';
import type { PathsOf, TreeOf } from '../define/tree.ts';
import { DarumaError, type Fault } from '../errors.ts';
import type { LifecycleEvent, SystemPhase } from '../events.ts';
import { attributed, unattributed } from './attribution.ts';
import { bodyOf } from './body.ts';
import { keepProcessAlive, realClock } from './clock.ts';
import { Dependencies } from './dependencies.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Facilities } from './facilities.ts';
import { type Health, healthOf } from './health.ts';
import { environment, processSignals } from './host-process.ts';
import { type HandCall, Journal } from './journal.ts';
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
import { StatusBoard } from './status-board.ts';
import { limitOf, type SystemOptions } from './system-options.ts';
import { type RootEnd, SystemRoot } from './system-root.ts';
import { Tree } from './tree.ts';

/** @internal Where a simulation takes hold of a system. */
export interface SystemSeams {
  /** Puts something around what runs in an incarnation. */
  readonly makeBody?: Kernel['makeBody'];
  /** What every context has its part of. */
  readonly facilities?: (kernel: Kernel) => Facilities;
  /** Done before anything is started; where it fails, nothing is. */
  readonly open?: () => Promise<void>;
  /** Varies the policies of a tree that is valid as it is. */
  readonly rewrite?: (root: SupervisorSpec) => SupervisorSpec;
  /** In place of keeping the process alive while it runs; returns the end of that. */
  readonly holdProcess?: () => () => void;
}

/** The kernel of a system, for the parts of Daruma that are asked about one; undefined: it is none. */
export let kernelOf: (system: unknown) => Kernel | undefined;

/** A tree of services that runs as one. Starts once, stops once. `createSystem` makes it. */
export class System<Root extends AnySupervisor = AnySupervisor> {
  static {
    kernelOf = (system) =>
      typeof system === 'object' && system !== null && #kernel in system
        ? system.#kernel
        : undefined;
  }

  readonly #options: SystemOptions;
  readonly #holdProcess: () => () => void;
  readonly #kernel: Kernel;
  readonly #root: SystemRoot;
  readonly #places: ReadonlyMap<unknown, readonly string[]>;
  readonly #configs: Promise<ReadonlyMap<string, unknown>>;
  readonly #leftovers: Leftovers;
  readonly #open: SystemSeams['open'];
  #starting: Promise<this> | undefined;
  /** What is legal in the definition but seldom meant. */
  readonly warnings: readonly Fault[];
  /** Repeats all random choices of this run when given as an option. */
  readonly seed: number;

  /** @throws DefinitionError with every fault of the definition. */
  constructor(root: Root, options: SystemOptions, seams: SystemSeams = {}) {
    this.#options = options;
    this.#holdProcess = seams.holdProcess ?? keepProcessAlive;
    const graceMs = limitOf(options.grace ?? '25s', 'grace');
    const bootWithinMs = limitOf(options.bootWithin ?? '60s', 'bootWithin');
    const compiled = compileTree(root, { graceMs });
    const spec = seams.rewrite?.(compiled.root) ?? compiled.root;
    this.warnings = compiled.warnings;
    this.#places = compiled.places;
    this.seed = options.seed ?? freshSeed();
    const configSources = {
      values: options.config,
      file: options.configFile,
      env: options.env ?? environment(),
    };
    this.#open = seams.open;
    this.#configs = resolveConfig(spec, configSources);
    this.#configs.catch(() => {});
    const clock = options.clock ?? realClock;
    const tree = new Tree();
    const dispatcher = new Dispatcher();
    const journal = new Journal(clock, dispatcher, spec.name);
    this.#kernel = {
      clock,
      dispatcher,
      journal,
      board: new StatusBoard(),
      tree,
      dependencies: new Dependencies(tree),
      random: seededRandom(this.seed),
      logger: options.logger ?? pino(),
      configs: new Map(),
      configSources,
      pathOf: (place) => this.#pathOf(place),
      placesOf: (definition) => this.#places.get(definition) ?? [],
      makeBody: seams.makeBody ?? bodyOf,
      attribute: options.attributeErrors ? attributed : unattributed,
      facilities: {},
      topActor: () => this.#root.actor,
    };
    Object.assign(this.#kernel.facilities, seams.facilities?.(this.#kernel));
    this.#leftovers = new Leftovers(journal);
    const limits = { graceMs, bootWithinMs };
    this.#root = new SystemRoot(this.#kernel, spec, limits, options.inspect);
    settleAll(tree, spec, undefined);
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
      holdProcess: this.#holdProcess,
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

  /**
   * What a definition made ready, for code outside the tree; undefined while it is not running. That
   * of a one-shot which has done its work stays.
   */
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

  /** @internal For a journal: what was asked of places by their handles, from now on. */
  get calls$(): Observable<HandCall> {
    const { journal } = this.#kernel;
    return lifelong<HandCall>(journal, (next) => journal.listenToCalls(next));
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
      if (this.#open) await this.#open();
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
    return isBelowDynamic(tree, path);
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

/** Below a dynamic supervisor any id is a place. */
function isBelowDynamic(tree: Tree, path: string): boolean {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const spec = tree.get(path.slice(0, end))?.spec;
    if (spec) return spec.kind === 'supervisor' && spec.strategy === 'dynamic';
  }
  return false;
}

function stoppedError(path: string): DarumaError {
  return new DarumaError('DARUMA_STOPPED', `${path} was stopped before it was ready.`, {
    path,
    hint: 'A system starts once; make a new one to start again.',
  });
}
