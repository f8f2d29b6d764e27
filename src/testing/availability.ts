import type { Context } from '../define/context.ts';
import type { AnySupervisor } from '../define/definition.ts';
import type { SupervisorSpec } from '../define/spec.ts';
import { System } from '../services/system.ts';
import { atOnce, type FullBehaviour } from './behaviour.ts';
import { canDrainSync, drainAsync, drainSync } from './drain.ts';
import { Outages, seedFor } from './outages.ts';
import { silentLogger } from './silent-logger.ts';
import { stubTree } from './stub.ts';
import type { TreeInfo } from './tree-info.ts';
import { type PlaceRecord, Uptime } from './uptime.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface AvailabilityOptions {
  readonly seed: number;
  /** Virtual time that is simulated. */
  readonly hours: number;
  readonly behaviourOf: (path: string) => FullBehaviour | undefined;
  /** From the end of the process until whatever watches it has started it again. */
  readonly rebootMs: number;
  readonly graceMs: number;
  /** A service that never fails, for comparison. */
  readonly spared?: string | undefined;
  /** Other policies than its own, for comparison. */
  readonly rewrite?: ((root: SupervisorSpec) => SupervisorSpec) | undefined;
}

/** How a tree fared. Milliseconds of the whole time. */
export interface Availability {
  readonly totalMs: number;
  /** While at least one service was down. */
  readonly anyDownMs: number;
  /** While the process was down. */
  readonly systemDownMs: number;
  /** The root gave up, or could not start. */
  readonly reboots: number;
  readonly places: ReadonlyMap<string, PlaceRecord>;
  /** What the causes of its own failures came to, by service. */
  readonly outages: ReadonlyMap<string, { readonly ms: number; readonly count: number }>;
}

const hourMs = 3_600_000;

/** A run without an end at an instant: a tree whose restarts take no time. */
const mostStepsAtOnce = 100_000;

/**
 * Lets a tree of stubs live under failures for a long virtual time. Nothing happens between two
 * failures, so that a year takes no longer than what goes wrong in it.
 */
export async function measureAvailability(
  root: AnySupervisor,
  tree: TreeInfo,
  options: AvailabilityOptions,
): Promise<Availability> {
  const totalMs = options.hours * hourMs;
  const clock = new VirtualClock(0);
  const paths = tree.services().map(({ path }) => path);
  const uptime = new Uptime(tree, paths);
  const weather = new Map(paths.map((path) => [path, outagesOf(path, options)]));
  const stub = stubTree(root, new Failing(clock, weather, options));
  let reboots = 0;
  for (let boot = 0; clock.monotonic() < totalMs; boot++) {
    if (boot > 0) {
      reboots++;
      clock.stall(options.rebootMs);
    }
    if (clock.monotonic() >= totalMs) break;
    await live(stub, clock, uptime, totalMs, { ...options, seed: options.seed + boot });
  }
  uptime.finish(totalMs);
  const outages = new Map([...weather].map(([path, each]) => [path, each.until(totalMs)]));
  const { anyDownMs, systemDownMs, records: places } = uptime;
  return { totalMs, anyDownMs, systemDownMs, reboots, places, outages };
}

function outagesOf(path: string, { seed, behaviourOf, spared }: AvailabilityOptions): Outages {
  const { mtbfMs, mttrMs } = behaviourOf(path) ?? atOnce;
  return new Outages(
    seedFor(path, seed),
    path === spared ? Number.POSITIVE_INFINITY : mtbfMs,
    mttrMs,
  );
}

/** One life of the process. */
function live(
  stub: AnySupervisor,
  clock: VirtualClock,
  uptime: Uptime,
  endAt: number,
  { seed, graceMs, rewrite }: AvailabilityOptions,
): Promise<void> {
  const system = new System(
    stub,
    {
      clock,
      seed,
      env: {},
      logger: silentLogger,
      grace: Number.isFinite(graceMs) ? graceMs : 'infinity',
    },
    { ...(rewrite && { rewrite }) },
  );
  let isOver = false;
  system.events$.subscribe((event) => uptime.note(event));
  const end = () => {
    isOver = true;
    uptime.systemDown(clock.monotonic());
  };
  return new Promise((resolve, reject) => {
    // A macrotask of its own: only from there can promises be drained at once.
    setImmediate(() => {
      // Nobody reads the stacks of simulated failures, and they take their time.
      const { stackTraceLimit } = Error;
      Error.stackTraceLimit = 0;
      system.start().catch(() => {});
      void system.stopped().then(end);
      drive(clock, endAt, () => isOver).then(resolve, reject);
      Error.stackTraceLimit = stackTraceLimit;
    });
  });
}

async function drive(clock: VirtualClock, endAt: number, isOver: () => boolean): Promise<void> {
  let steps = 0;
  if (canDrainSync) drainSync();
  else await drainAsync();
  while (!isOver()) {
    const at = clock.nextAt;
    if (at === undefined || at > endAt) return clock.stall(Math.max(0, endAt - clock.monotonic()));
    steps = at > clock.monotonic() ? 0 : steps + 1;
    if (steps > mostStepsAtOnce) throw new Error('It goes on and on without any time passing.');
    clock.stall(Math.max(0, at - clock.monotonic()));
    clock.fireNext(at);
    if (canDrainSync) drainSync();
    else await drainAsync();
  }
}

/** Bodies that fail while there is an outage. */
class Failing {
  readonly #clock: VirtualClock;
  readonly #weather: ReadonlyMap<string, Outages>;
  readonly #options: AvailabilityOptions;

  constructor(
    clock: VirtualClock,
    weather: ReadonlyMap<string, Outages>,
    options: AvailabilityOptions,
  ) {
    this.#clock = clock;
    this.#weather = weather;
    this.#options = options;
  }

  async start(ctx: Context): Promise<void> {
    const { readyAfterMs } = this.#options.behaviourOf(ctx.path) ?? atOnce;
    if (this.#untilOutage(ctx) > 0 && readyAfterMs > 0) {
      await ctx.sleep(Math.min(readyAfterMs, this.#untilOutage(ctx)));
    }
    this.#failWhenOut(ctx);
  }

  async run(ctx: Context): Promise<void> {
    const { runsForMs } = this.#options.behaviourOf(ctx.path) ?? atOnce;
    const leftMs = this.#untilOutage(ctx);
    if (Math.min(leftMs, runsForMs) === Number.POSITIVE_INFINITY) return await forEver(ctx);
    await ctx.sleep(Math.min(leftMs, runsForMs));
    if (leftMs <= runsForMs) throw failure();
  }

  async stop(ctx: Context): Promise<void> {
    const { stopsAfterMs } = this.#options.behaviourOf(ctx.path) ?? atOnce;
    if (stopsAfterMs === 0) return;
    await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, stopsAfterMs));
  }

  /** 0 while there is one. */
  #untilOutage({ path }: Context): number {
    const now = this.#clock.monotonic();
    const from = this.#weather.get(path)?.at(now).from ?? Number.POSITIVE_INFINITY;
    return Math.max(0, from - now);
  }

  #failWhenOut(ctx: Context): void {
    if (this.#untilOutage(ctx) === 0) throw failure();
  }
}

function failure(): Error {
  return new Error('simulated: out of order');
}

function forEver(ctx: Context): Promise<never> {
  return new Promise((_, reject) => {
    ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error));
  });
}
