import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../../../actors/rules/duration.ts';
import type { Battery } from '../../define/battery.ts';
import type { Context, Spawned } from '../../define/context.ts';
import type { AnyService, ServiceDefinition } from '../../define/definition.ts';
import type { ValidName } from '../../define/names.ts';
import type { Needs } from '../../define/needs.ts';
import type { CommonServiceOptions } from '../../define/options.ts';
import { recorded } from '../../define/recorded.ts';
import { compileSpawned } from '../../kernel/added.ts';
import { backstage } from '../../kernel/backstage.ts';
import type { Schedule } from './handle.ts';
import type { AtOptions, CronOptions, EveryOptions, Work } from './options.ts';
import { at, cron, every } from './schedules.ts';

type Nothing = Record<never, never>;

interface TaskWork {
  /** What is run. */
  readonly run: Work<Nothing, undefined>;
}

/** What a scheduler runs: a schedule as data. It begins at once with `every`, unless it says not to. */
export type ScheduledTask =
  | (EveryOptions<Nothing, undefined, Nothing> & TaskWork & { readonly every: Duration })
  | (CronOptions<Nothing, undefined, Nothing> & TaskWork & { readonly cron: string })
  | (AtOptions<Nothing, undefined, Nothing> & TaskWork & { readonly at: Date | number | string });

/** The ready value of `scheduler()`. */
export interface Scheduler {
  /**
   * Adds a task, or puts it in the place of the one that has this id: that one is stopped first, and
   * its run in flight is over, before the new one begins. Resolves when it is on schedule.
   *
   * @throws DefinitionError when the task could never run; nothing is replaced then
   */
  schedule(id: string, task: ScheduledTask): Promise<void>;
  /** Stops a task and forgets it. Resolves when its run in flight is over; false: there was none. */
  unschedule(id: string): Promise<boolean>;
  /** The handle of a task; undefined: there is none, it is over or on its way. */
  get(id: string): Schedule | undefined;
  /** The ids of all tasks that are not over. */
  ids(): string[];
}

/**
 * A place for schedules that come and go while the system runs. Each task is a child of its own below
 * the scheduler: it is in the tree, fails alone, and stops with the scheduler.
 *
 * ```ts
 * const jobs = scheduler('jobs');
 * service('api', { needs: { jobs } }, async (ctx) => {
 *   await ctx.needs.jobs.schedule('sync', { every: '1m', run: sync });
 * });
 * ```
 */
export function scheduler<
  const Name extends string,
  Declared extends Needs = Nothing,
  Schema extends StandardSchemaV1 | undefined = undefined,
>(
  name: ValidName<Name>,
  options?: Omit<
    CommonServiceOptions<Declared, Schema, never>,
    'receive' | 'mailbox' | 'whileDown'
  >,
): ServiceDefinition<Name, Scheduler, Nothing>;
export function scheduler(name: string, options: unknown = {}): ServiceDefinition {
  return Object.freeze({ kind: 'service', name, options: recorded(options), body: battery });
}

const battery: Battery = {
  battery: 'scheduler()',
  options: [],
  read: () => ({
    kind: 'hooks',
    start: (ctx: Context) => new LiveScheduler(ctx),
    run: undefined,
    stop: undefined,
    drain: undefined,
    ready: 'immediate',
    battery: { kind: 'scheduler', policy: {} },
  }),
};

class LiveScheduler implements Scheduler {
  readonly #ctx: Context;
  readonly #tasks = new Map<string, Spawned>();
  /** By id: calls about the same task take their turns. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  schedule(id: string, task: ScheduledTask): Promise<void> {
    const definition = definitionOf(id, task);
    return this.#inTurn(id, async () => {
      const { kernel, node } = backstage(this.#ctx);
      // What is wrong with it has to show before the old one is gone.
      await compileSpawned(kernel, node, definition, id, undefined);
      await this.#tasks.get(id)?.stop();
      this.#tasks.delete(id);
      this.#tasks.set(id, await this.#ctx.spawn(definition, { id }));
    });
  }

  unschedule(id: string): Promise<boolean> {
    return this.#inTurn(id, async () => {
      const task = this.#tasks.get(id);
      const isThere = this.ids().includes(id);
      await task?.stop();
      this.#tasks.delete(id);
      return isThere;
    });
  }

  get(id: string): Schedule | undefined {
    const node = this.#node(id);
    return node?.status === 'running' ? (node.value as Schedule) : undefined;
  }

  ids(): string[] {
    for (const id of this.#tasks.keys()) if (!this.#node(id)) this.#tasks.delete(id);
    return [...this.#tasks.keys()];
  }

  #node(id: string) {
    const { path, kernel } = backstage(this.#ctx);
    return this.#tasks.has(id) ? kernel.tree.get(`${path}/${id}`) : undefined;
  }

  #inTurn<Result>(id: string, step: () => Promise<Result>): Promise<Result> {
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(step);
    const over = turn.then(ignored, ignored).then(() => {
      if (this.#turns.get(id) === over) this.#turns.delete(id);
    });
    this.#turns.set(id, over);
    return turn;
  }
}

function ignored(): void {}

function definitionOf(id: string, task: ScheduledTask): AnyService {
  if ('every' in task) {
    const { every: duration, run, ...options } = task;
    return every(id as 'id', duration, { immediately: true, ...options }, run);
  }
  if ('cron' in task) {
    const { cron: expression, run, ...options } = task;
    return cron(id as 'id', expression, options, run);
  }
  const { at: date, run, ...options } = task;
  return at(id as 'id', date, options, run);
}
