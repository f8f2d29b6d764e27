import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../../actors/rules/duration.ts';
import type { ValidName } from '../define/names.ts';
import type { BackoffOptions } from '../define/options.ts';
import type { AnyQueue, Queue } from '../define/queue.ts';
import { callerOf } from './caller.ts';
import { readQueue } from './read-queue.ts';

/** How the jobs of a queue are tried. The same in every process that uses the queue. */
export interface QueueOptions {
  /** Attempts in all, the first included, those that vanished too. Minimum: 1. @default 5 */
  readonly maxAttempts?: number;
  /** Between the end of an attempt and the next; no place is held meanwhile. */
  readonly backoff?: JobBackoffOptions;
  /**
   * What the handler may take in one attempt, from its call. Then its signal is cancelled, and the
   * attempt has failed. @default 'infinity'
   */
  readonly timeout?: Duration | 'infinity';
  /**
   * What a handler that was asked to stop may take to end, and what its scope may take to be disposed
   * of. Then its place is free, and what it still does does not count. @default '5s'
   */
  readonly cancelWithin?: Duration | 'infinity';
  /**
   * How long a claim lasts without being renewed, which is done every third of it: how long after a
   * crash the jobs of a process begin again. Minimum: 1 second. @default '30s'
   */
  readonly lease?: Duration;
  /**
   * How many jobs with the same `key` run at once, in all processes together. `'fifo'`: one, in the
   * order in which they were added, also over retries. @default 'infinity'
   */
  readonly perKey?: number | 'fifo' | 'infinity';
  /** How many jobs begin in a time, in all processes together. @default no limit */
  readonly rateLimit?: { readonly max: number; readonly per: Duration };
  /** How long jobs that are over are known. `0`: not at all. */
  readonly keep?: {
    /** @default '1h' */
    readonly completed?: Duration | 'infinity';
    /** @default 'infinity' */
    readonly dead?: Duration | 'infinity';
    /** @default '1h' */
    readonly cancelled?: Duration | 'infinity';
  };
}

/** How the delays before further attempts grow. */
export interface JobBackoffOptions extends Omit<BackoffOptions, 'first' | 'max' | 'resetAfter'> {
  /** The delay before the second attempt. @default '1s' */
  readonly first?: Duration;
  /** No delay is ever longer, jitter included. @default '10m' */
  readonly max?: Duration;
}

interface CheckedQueueOptions<Schema extends StandardSchemaV1> extends QueueOptions {
  /**
   * Looks at every payload when it is added, and again when it is claimed: handlers get what it makes
   * of it. @default not checked
   */
  readonly payload: Schema;
}

declare const unnamed: unique symbol;
/** In place of a payload that was not named. */
type Unnamed = typeof unnamed;

/**
 * Defines a queue of durable jobs, for whoever adds them and whoever runs them: put it into a file
 * that both import.
 *
 * ```ts
 * export const emails = queue('emails', { payload: v.object({ to: v.string() }), timeout: '1m' });
 * export const thumbnails = queue<{ file: string }>('thumbnails', { maxAttempts: 3 });
 * ```
 *
 * @throws DefinitionError with everything that is wrong with it
 */
export function queue<const Name extends string, Schema extends StandardSchemaV1>(
  name: ValidName<Name>,
  options: CheckedQueueOptions<Schema>,
): Queue<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>, unknown, Name>;
// Of three parameters that all have to be named, so that naming the payload is the next one's affair.
export function queue<const Name extends string, Payload, Result>(
  name: ValidName<Name>,
  options?: QueueOptions,
): Queue<Payload, Payload, Result, Name>;
export function queue<Payload = Unnamed, Result = unknown>(
  name: Payload extends Unnamed ? never : string,
  options?: QueueOptions,
): Queue<Payload, Payload, Result>;
export function queue(name: string, options: object = {}): AnyQueue {
  const spec = readQueue(name, options);
  return Object.freeze({ kind: 'queue', name, spec, definedAt: callerOf(queue) });
}
