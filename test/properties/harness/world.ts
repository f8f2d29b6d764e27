import type { Context } from '../../../src/define/context.ts';
import type { AnyDefinition } from '../../../src/define/definition.ts';
import { BodyRun } from './body-run.ts';
import type { Log } from './log.ts';
import type { BodyPlan, EndScript, ServicePlan } from './plan.ts';
import { codeOf, nth } from './scripts.ts';
import type { WatchedClock } from './watched-clock.ts';

/** What the bodies of one run share. */
export class World {
  readonly log: Log;
  readonly clock: WatchedClock;
  readonly runs: BodyRun[] = [];
  readonly #attempts = new Map<string, number>();
  readonly #runOf = new WeakMap<object, BodyRun>();
  #calls = 0;

  readonly #define: (world: World, plan: ServicePlan) => AnyDefinition;

  constructor(
    log: Log,
    clock: WatchedClock,
    define: (world: World, plan: ServicePlan) => AnyDefinition,
  ) {
    this.log = log;
    this.clock = clock;
    this.#define = define;
  }

  /** What a body spawns. */
  serviceOf(id: string, plan: BodyPlan): AnyDefinition {
    return this.#define(this, { kind: 'service', id, ...plan });
  }

  /** A body begins; attempts of a path are counted over the whole run. */
  enter(ctx: Context, plan: BodyPlan): BodyRun {
    const attempt = this.#attempts.get(ctx.path) ?? 0;
    this.#attempts.set(ctx.path, attempt + 1);
    const script = nth(plan.starts, attempt) ?? 'ok';
    const run = new BodyRun(this, ctx, plan, script, nth(plan.lives, attempt));
    this.#runOf.set(ctx, run);
    this.runs.push(run);
    return run;
  }

  runOf(ctx: Context): BodyRun {
    return this.#runOf.get(ctx) as BodyRun;
  }

  /** The latest body at a path. */
  latest(path: string): BodyRun | undefined {
    return this.runs.findLast((run) => run.ctx.path === path);
  }

  /** Does what a script says; the promise, where there is one, never hurries. */
  perform(script: EndScript): Promise<void> | undefined {
    if (script === 'ok') return undefined;
    if (script === 'throws') throw new Error('scripted to throw');
    if (script === 'never') return new Promise(() => {});
    return new Promise((resolve) => this.clock.later(script.takes, resolve));
  }

  /** Follows a call until it settles; it never throws. */
  follow(fn: string, path: string, call: () => unknown, child?: string): void {
    const id = this.#calls++;
    const about = {
      kind: 'call',
      call: id,
      fn,
      path,
      ...(child !== undefined && { child }),
    } as const;
    this.log.add({ ...about, what: 'begins' });
    const ends = (result: string) => this.log.add({ ...about, what: 'ends', result });
    try {
      Promise.resolve(call()).then(
        () => ends('ok'),
        (error: unknown) => ends(codeOf(error)),
      );
    } catch (error) {
      ends(codeOf(error));
    }
  }
}
