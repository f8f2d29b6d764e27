import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../../actors/rules/duration.ts';
import type { Enqueuer } from './jobs.ts';
import type { Lease } from './lease.ts';

/**
 * What a service keeps across its restarts and those of the process: `ctx.storage`. Each place of the
 * tree has its own, by its path, and sees nothing of the others. A call that has resolved survives a
 * crash of the process, and a loss of power.
 *
 * Values are what JSON can say: text, finite numbers, booleans, null, lists and plain objects.
 */
export interface Storage extends Entries {
  /**
   * Entries of their own under a name, checked with a Standard Schema when they are written and when
   * they are read: what is stored is what was given, what is read is what the schema makes of it.
   */
  store<Schema extends StandardSchemaV1>(name: string, schema: Schema): StoreOf<Schema>;
  /**
   * Reads and writes as one: `fn` sees one state of everything that this service stores, and either
   * all that it wrote counts or nothing. When something else has changed what it read, `fn` is called
   * again, so it must do nothing but compute and use `tx`. Transactions of one service run one after
   * the other.
   *
   * @returns what `fn` returned
   * @throws what `fn` threw, and nothing was written; `DARUMA_TRANSACTION_TIMEOUT`;
   * `DARUMA_TRANSACTION_CONFLICT` when it was overtaken 20 times; `DARUMA_TRANSACTION_NESTED` inside
   * of another one of the same service
   */
  transaction<Result>(
    fn: (tx: Transaction) => Result | Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>;
}

/**
 * Storage inside a transaction; over when its function is. A job that is added with it is there when
 * the transaction is stored, or not at all; one that is refused fails the transaction.
 */
export interface Transaction extends Entries, Enqueuer {
  store<Schema extends StandardSchemaV1>(name: string, schema: Schema): StoreOf<Schema>;
}

export type StoreOf<Schema extends StandardSchemaV1> = Entries<
  StandardSchemaV1.InferInput<Schema>,
  StandardSchemaV1.InferOutput<Schema>
>;

/**
 * Entries by key. All calls reject with `DARUMA_STALE_INCARNATION` once the incarnation is over, and
 * with a `DARUMA_STORAGE_*` when the storage does not work.
 */
export interface Entries<Input = unknown, Output = unknown> {
  /**
   * undefined where there is none. The type is not checked: a `store` with a schema is.
   *
   * @throws `DARUMA_INVALID_VALUE` when what is stored does not fit the schema of a store
   */
  get<Value extends Output = Output>(key: string): Promise<Value | undefined>;
  /**
   * @throws `DARUMA_INVALID_KEY`; `DARUMA_INVALID_VALUE` with what JSON cannot say, or the schema
   * refuses; `DARUMA_VALUE_TOO_LARGE`
   */
  set(key: string, value: Input, options?: SetOptions): Promise<void>;
  /** Whether there was one. */
  delete(key: string): Promise<boolean>;
  has(key: string): Promise<boolean>;
  /** Entries in the order of their keys as UTF-8. */
  list<Value extends Output = Output>(options?: ListOptions): Promise<StoredEntry<Value>[]>;
  /** Removes all; returns how many there were. */
  clear(): Promise<number>;
  /** How many there are. */
  size(): Promise<number>;
}

export interface StoredEntry<Value = unknown> {
  readonly key: string;
  readonly value: Value;
}

export interface SetOptions {
  /** After this time, on the wall clock, the entry is gone; also across restarts. @default never */
  readonly ttl?: Duration;
}

export interface ListOptions {
  /** Only keys that begin so. @default all */
  readonly prefix?: string;
  /** Only keys behind this one: the last of the page before. @default from the first */
  readonly after?: string;
  /** Entries at most, from 1 to 10,000. @default 1000 */
  readonly limit?: number;
}

export interface TransactionOptions {
  /** What it may take in all: waiting for its turn, every try, and the commit. @default '5s' */
  readonly within?: Duration;
  /**
   * Commits only while this lease is held: else it rejects with `DARUMA_LEASE_LOST`, and nothing was
   * written. @default none
   */
  readonly lease?: Lease;
}
