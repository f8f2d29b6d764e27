import type { Entries, ListOptions, SetOptions, StoredEntry } from '../../define/storage.ts';
import type { ResultOf, Step } from '../engine/engine.ts';
import { checkedKey, checkedList, checkedValue, expiryOf } from './checks.ts';

/** How the calls of a view reach the engine: at once, or as part of a transaction. */
export interface Channel {
  readonly path: string;
  readonly maxValueBytes: number;
  /** @throws when the incarnation, or the transaction, is over */
  assertOpen(what: string): void;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Carries out one step that has a result. */
  call<const Name extends Step[0]>(
    step: Extract<Step, readonly [Name, unknown]>,
  ): Promise<ResultOf<Name>>;
  /** Carries out one step that has none. */
  write(step: Step): Promise<void>;
}

/**
 * The entries of one store. What is wrong with the arguments is found first; then the call takes its
 * place in the order of all calls before anything is awaited.
 */
export class EntriesView implements Entries {
  readonly #channel: Channel;
  readonly #store: string;

  constructor(channel: Channel, store: string) {
    this.#channel = channel;
    this.#store = store;
  }

  async get<Value>(key: string): Promise<Value | undefined> {
    const text = await this.#channel.call(['entries.get', this.#entry('get', key)]);
    return text === undefined ? undefined : (JSON.parse(text) as Value);
  }

  async set(key: string, value: unknown, options?: SetOptions): Promise<void> {
    await this.put(key, this.textOf(key, value), options);
  }

  /** A value as it is now, as JSON. */
  textOf(key: string, value: unknown): string {
    const { path, maxValueBytes } = this.#channel;
    return checkedValue(path, checkedKey(path, key), value, maxValueBytes);
  }

  async put(key: string, value: string, { ttl }: SetOptions = {}): Promise<void> {
    const entry = this.#entry('set', key);
    const expiresAt = expiryOf(entry.owner, ttl, entry.now);
    await this.#channel.write(['entries.set', { ...entry, value, expiresAt }]);
  }

  async delete(key: string): Promise<boolean> {
    return await this.#channel.call(['entries.delete', this.#entry('delete', key)]);
  }

  async has(key: string): Promise<boolean> {
    return await this.#channel.call(['entries.has', this.#entry('has', key)]);
  }

  async list<Value>(options: ListOptions = {}): Promise<StoredEntry<Value>[]> {
    const place = this.#place('list');
    const query = { ...place, ...checkedList(this.#channel.path, options) };
    const rows = await this.#channel.call(['entries.list', query]);
    return rows.map(({ key, value }) => ({ key, value: JSON.parse(value) as Value }));
  }

  async clear(): Promise<number> {
    return await this.#channel.call(['entries.clear', this.#place('clear')]);
  }

  async size(): Promise<number> {
    return await this.#channel.call(['entries.size', this.#place('size')]);
  }

  #entry(what: string, key: string) {
    return { ...this.#place(what), key: checkedKey(this.#channel.path, key) };
  }

  #place(what: string) {
    this.#channel.assertOpen(`storage.${what}`);
    return { owner: this.#channel.path, store: this.#store, now: Math.floor(this.#channel.now()) };
  }
}
