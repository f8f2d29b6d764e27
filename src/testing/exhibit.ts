import { compileTree } from '../define/compile.ts';
import type { Context } from '../define/context.ts';
import type { AnySupervisor } from '../define/definition.ts';
import type { SupervisorRef } from '../kernel/ref.ts';
import { atOnce, type FullBehaviour } from './behaviour.ts';
import { stubTree } from './stub.ts';
import { TreeInfo } from './tree-info.ts';
import type { Workload } from './workload.ts';

/** What was seen of the starts and stops of many runs. Milliseconds. */
export interface SeenTimes {
  /** The longest first start of the whole tree that succeeded. */
  startMs: number;
  /** The longest stop of the whole tree. */
  stopMs: number;
  /** Runs in which the root gave up. */
  escalations: number;
  /** Runs that did not get up at all. */
  failedStarts: number;
  /** How often a service did not stop within its limit, by path. */
  readonly unstopped: Map<string, number>;
}

/** Children that a dynamic supervisor gets: enough for one to fail while others run. */
const population = 3;

/** What calls back in the virtual time of one run. */
interface Stage {
  later: (ms: number, step: () => void) => void;
}

/**
 * A tree shown without its bodies, for runs of `checkTree`: give it `makeTree` and `workload`. Each
 * service takes about as long as its behaviour says; what was seen of the runs is in `seen`.
 */
export class Exhibit {
  readonly seen: SeenTimes = {
    startMs: 0,
    stopMs: 0,
    escalations: 0,
    failedStarts: 0,
    unstopped: new Map(),
  };
  readonly #root: AnySupervisor;
  readonly #tree: TreeInfo;
  readonly #behaviourOf: (path: string) => FullBehaviour | undefined;
  /** That of the run that is being made. */
  #stage: Stage = { later: () => {} };

  constructor(root: AnySupervisor, behaviourOf: (path: string) => FullBehaviour | undefined) {
    this.#root = root;
    this.#tree = new TreeInfo(compileTree(root).root);
    this.#behaviourOf = behaviourOf;
  }

  readonly makeTree = (): AnySupervisor => {
    const stage: Stage = { later: () => {} };
    this.#stage = stage;
    const behaviourOf = this.#behaviourOf;
    return stubTree(this.#root, {
      start: async (ctx: Context) => {
        const { readyAfterMs } = behaviourOf(ctx.path) ?? atOnce;
        if (readyAfterMs > 0) await ctx.sleep(about(readyAfterMs, ctx));
      },
      run: (ctx: Context) => livesFor(ctx, (behaviourOf(ctx.path) ?? atOnce).runsForMs),
      stop: async ({ path }: Context) => {
        const { stopsAfterMs } = behaviourOf(path) ?? atOnce;
        if (stopsAfterMs > 0) {
          await new Promise<void>((resolve) => stage.later(stopsAfterMs, resolve));
        }
      },
    });
  };

  /** Called once for each run, right after its tree was made. */
  readonly workload = (workload: Workload): void => {
    this.#stage.later = (ms, step) => workload.at(workload.now + ms, step);
    this.#watch(workload);
  };

  /** A dynamic supervisor gets children: who starts them in production is a body. */
  #populate(workload: Workload, path: string): void {
    const spec = this.#tree.get(path)?.spec;
    if (spec?.kind !== 'supervisor' || !spec.template) return;
    const count = Math.min(population, spec.maxChildren);
    // Not while the event is being told.
    workload.at(workload.now, () => {
      const pool = workload.system.find(path) as SupervisorRef | undefined;
      // That one is refused, because a stop or a failure came first, is fine.
      for (let nth = 0; nth < count; nth++) void pool?.startChild().catch(() => {});
    });
  }

  #watch(workload: Workload): void {
    const { seen } = this;
    let bootedAt = 0;
    let stoppingAt: number | undefined;
    let hasRun = false;
    workload.listen((event) => {
      const { type, path, at } = event;
      if (type === 'unstopped') seen.unstopped.set(path, (seen.unstopped.get(path) ?? 0) + 1);
      if (type === 'escalated' && path === workload.system.path) seen.escalations++;
      if (type === 'ready') this.#populate(workload, path);
      if (type !== 'phase') return;
      if (event.phase === 'booting') {
        bootedAt = at;
        hasRun = false;
      }
      if (event.phase === 'running') {
        hasRun = true;
        seen.startMs = Math.max(seen.startMs, at - bootedAt);
      }
      if (event.phase === 'stopping') stoppingAt ??= at;
      if (event.phase === 'stopped') {
        if (!hasRun) seen.failedStarts++;
        else if (stoppingAt !== undefined) seen.stopMs = Math.max(seen.stopMs, at - stoppingAt);
      }
    });
  }
}

/** Half to one and a half of it, in whole milliseconds. */
function about(ms: number, ctx: Context): number {
  return Math.round(ms * (0.5 + ctx.random()));
}

function livesFor(ctx: Context, ms: number): Promise<void> {
  if (ms !== Number.POSITIVE_INFINITY) return ctx.sleep(ms);
  return new Promise((_, reject) => {
    ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error));
  });
}
