import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../../actors/rules/duration.ts';
import type { Needs, NeedValues } from '../define/needs.ts';
import type { CommonServiceOptions } from '../define/options.ts';
import type { ConfigOf } from '../define/service-options.ts';
import type { Job } from './job.ts';

/** What the worker of a queue may be told beside what every service may. */
export interface WorkerOptions<
  Delivered = unknown,
  Declared = Needs,
  Schema = StandardSchemaV1 | undefined,
  Scope = unknown,
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
  readonly perJob?: ScopeFactoriesOf<Delivered, Declared, Schema, Scope>;
}

/** How jobs are handed over together. */
export interface BatchOptions {
  /** Jobs of one call at most. Minimum: 1. */
  readonly size: number;
  /** How long the first of them waits for others. @default '100ms' */
  readonly wait?: Duration;
}

/**
 * Makes what one job has for itself, each under the name that it has in `job.needs`. What depends on
 * another finds it there as well, without a type of its own.
 */
export type ScopeFactoriesOf<Delivered, Declared, Schema, Scope> = {
  readonly [Name in keyof Scope]: (
    job: ScopeJob<Delivered, Declared, ConfigOf<Schema>>,
    needs: NeedValues<Declared>,
  ) => Scope[Name];
};

/** A job of which it is not known yet what it has for itself. */
export type ScopeJob<Delivered, Declared, Config> = Omit<
  Job<Delivered, Declared, Config>,
  'needs'
> & { readonly needs: NeedValues<Declared> & Readonly<Record<string, unknown>> };
