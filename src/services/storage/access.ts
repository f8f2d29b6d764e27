import type { Backstage } from '../../kernel/backstage.ts';
import type { Clock } from '../../kernel/clock.ts';
import { staleError } from '../../kernel/failures.ts';
import type { Engine, ResultsOf, Step } from '../engine/engine.ts';
import type { Channel } from './entries-view.ts';
import { storageError } from './errors.ts';

/**
 * The engine as one incarnation may use it: under its own path, and only until it is over. What it
 * submitted before that comes first, so its successor sees it; what it tries later is refused.
 */
export class Access implements Channel {
  readonly path: string;
  /** Which of the processes that share the engine this is, for people. */
  readonly replica: string;
  readonly maxValueBytes: number;
  readonly #engine: Engine;
  readonly #backstage: Backstage;

  constructor(
    engine: Engine,
    backstage: Backstage,
    { maxValueBytes, replica }: { readonly maxValueBytes: number; readonly replica: string },
  ) {
    this.path = backstage.path;
    this.replica = replica;
    this.maxValueBytes = maxValueBytes;
    this.#engine = engine;
    this.#backstage = backstage;
  }

  /** Whose access it is. */
  get backstage(): Backstage {
    return this.#backstage;
  }

  get clock(): Clock {
    return this.#backstage.clock;
  }

  assertOpen(what: string): void {
    const { isOver, path, incarnation } = this.#backstage;
    if (isOver) throw staleError(path, incarnation, what);
  }

  now(): number {
    return this.clock.now();
  }

  async call(step: Step) {
    const [result] = await this.submit([step]);
    return result as never;
  }

  async write(step: Step): Promise<void> {
    await this.submit([step]);
  }

  /** Calls back when something happened that a topic stands for; returns the undoing. */
  watch(topic: string, listener: () => void): () => void {
    return this.#engine.watch(topic, listener);
  }

  /**
   * @param onStored called at once, before anybody else can know of it
   * @throws DarumaError
   */
  async submit<const Steps extends readonly Step[]>(
    steps: Steps,
    options?: { readonly isRehearsal: boolean },
    onStored: () => void = () => {},
  ): Promise<ResultsOf<Steps>> {
    try {
      return await this.#engine.submit(steps, options).then((results) => {
        onStored();
        return results;
      });
    } catch (error) {
      throw storageError(this.path, error);
    }
  }
}
