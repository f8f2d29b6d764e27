import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../../actors/rules/duration.ts';
import type { Needs } from '../define/needs.ts';
import type { CommonServiceOptions } from '../define/options.ts';
import type { ScopeFactories } from './job.ts';

/** What the worker of a queue may be told beside what every service may. */
export interface WorkerOptions<
  Declared = Needs,
  Schema = StandardSchemaV1 | undefined,
  Scope = ScopeFactories,
  Name extends string = string,
> extends Omit<
    CommonServiceOptions<Declared, Schema, never>,
    'receive' | 'mailbox' | 'whileDown' | 'watchdog'
  > {
  /** Its name in the tree. @default that of the queue */
  readonly name?: Name;
  /**
   * How many handlers run beside each other at most, in this process. Minimum: 1. @default 10; 1 with
   * `batch`
   */
  readonly concurrency?: number;
  /**
   * What each job has for itself: made when the handler first touches `job.needs.NAME`, disposed of
   * with its `Symbol.asyncDispose` or `Symbol.dispose` when the job is over, however it ends, the
   * latest first. A factory is given the job, whose needs may be touched too, and what the worker
   * needs.
   *
   * ```ts
   * perJob: { cart: (job) => new Cart(job.id) }
   * ```
   */
  readonly perJob?: Scope;
}

/** How jobs are handed over together. */
export interface BatchOptions {
  /** Jobs of one call at most. Minimum: 1. */
  readonly size: number;
  /** How long the first of them waits for others. @default '100ms' */
  readonly wait?: Duration;
}
