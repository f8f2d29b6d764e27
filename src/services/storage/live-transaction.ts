import { isDarumaError } from '../../errors.ts';
import type { ResultOf, Step } from '../engine/engine.ts';
import type { Access } from './access.ts';
import type { Channel } from './entries-view.ts';
import { transactionOverError } from './errors.ts';
import type { Enclosure } from './run-transaction.ts';

/**
 * One try of a transaction.
 *
 * 1. Nothing is written before the commit: a read is answered by a rehearsal of what was written so
 *    far, which the engine takes back.
 * 2. Every read, and the commit, expects the revision that the first read found: what the function
 *    sees is one state, and what it writes follows from that state or does not count.
 */
export class LiveTransaction implements Channel {
  readonly #access: Access;
  readonly #now: number;
  #written: readonly Step[] = [];
  #revision: number | undefined;
  #isOver = false;
  #isOvertaken = false;
  #failure: { readonly error: unknown } | undefined;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #onCommit: (() => void)[] = [];

  constructor(access: Access) {
    this.#access = access;
    this.#now = access.now();
  }

  get path(): string {
    return this.#access.path;
  }

  get maxValueBytes(): number {
    return this.#access.maxValueBytes;
  }

  /** Something that it has read was changed meanwhile: whatever came of it does not count. */
  get isOvertaken(): boolean {
    return this.#isOvertaken;
  }

  /** The moment at which it began: nothing expires in the middle of it. */
  now(): number {
    return this.#now;
  }

  assertOpen(what: string): void {
    this.#access.assertOpen(what);
    if (this.#isOver) throw transactionOverError(this.path);
  }

  async write(step: Step): Promise<void> {
    this.#written = [...this.#written, step];
  }

  async call<const Name extends Step[0]>(
    step: Extract<Step, readonly [Name, unknown]>,
  ): Promise<ResultOf<Name>> {
    const steps: readonly Step[] = [...this.#written, step];
    if (changes.has(step[0])) this.#written = steps;
    const results = await this.#tried([this.#expectation(), ...steps], { isRehearsal: true });
    const [revision] = results;
    if (typeof revision === 'number') this.#meet(revision);
    return results.at(-1) as ResultOf<Name>;
  }

  /** Something that becomes a part of it, also when nobody awaits it; if it fails, all does. */
  async include<Value>(part: () => Value | Promise<Value>): Promise<Value> {
    const underWay = (async () => part())();
    this.#underWay.add(underWay);
    try {
      return await underWay;
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    } finally {
      this.#underWay.delete(underWay);
    }
  }

  /** Resolves when all that was included is; never rejects. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled([...this.#underWay]);
  }

  /** Calls back as soon as it is stored. */
  onCommit(callback: () => void): void {
    this.#onCommit.push(callback);
  }

  /** In whose name it is. */
  get access(): Access {
    return this.#access;
  }

  /** From now on nothing more is part of it. */
  end(): void {
    this.#isOver = true;
  }

  async commit(enclosure: Enclosure = { before: [], after: [] }): Promise<void> {
    // Whoever caught it cannot know what would be written without it.
    if (this.#failure) throw this.#failure.error;
    const own = [...enclosure.before, ...this.#written, ...enclosure.after];
    if (own.length === 0) return;
    this.#access.assertOpen('storage.transaction');
    const hasRead = this.#revision !== undefined;
    await this.#tried([...(hasRead ? [this.#expectation()] : []), ...own], undefined, () => {
      for (const callback of this.#onCommit) callback();
    });
  }

  #expectation(): Step {
    const owner = this.path;
    return this.#revision === undefined
      ? ['revision.read', { owner }]
      : ['revision.expect', { owner, revision: this.#revision }];
  }

  /** Several first reads may be under way at once. */
  #meet(revision: number): void {
    this.#revision ??= revision;
    if (this.#revision !== revision) this.#isOvertaken = true;
  }

  async #tried(
    steps: readonly Step[],
    options?: { readonly isRehearsal: boolean },
    onStored?: () => void,
  ): Promise<readonly unknown[]> {
    try {
      return await this.#access.submit(steps, options, onStored);
    } catch (error) {
      this.#failure = { error };
      if (isDarumaError(error) && error.code === 'DARUMA_TRANSACTION_CONFLICT') {
        this.#isOvertaken = true;
      }
      throw error;
    }
  }
}

const changes: ReadonlySet<string> = new Set<Step[0]>([
  'entries.delete',
  'entries.clear',
  'jobs.add',
]);
