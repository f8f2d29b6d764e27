import type { Clock } from '../../kernel/clock.ts';
import type { Scope } from '../../kernel/scope.ts';
import type { Engine, ResultsOf, Step } from '../engine/engine.ts';
import type { Channel } from './entries-view.ts';
import { storageError } from './errors.ts';

/**
 * The engine as an incarnation, or a piece of its work, may use it: under the path of the service, and
 * only until it is over. What it
 * submitted before that comes first, so its successor sees it; what it tries later is refused.
 */
export class Access implements Channel {
  readonly path: string;
  /** Which of the processes that share the engine this is, for people. */
  readonly replica: string;
  readonly maxValueBytes: number;
  /** Whose access it is. */
  readonly scope: Scope;
  readonly #engine: Engine;

  constructor(
    engine: Engine,
    scope: Scope,
    { maxValueBytes, replica }: { readonly maxValueBytes: number; readonly replica: string },
  ) {
    this.path = scope.path;
    this.replica = replica;
    this.maxValueBytes = maxValueBytes;
    this.#engine = engine;
    this.scope = scope;
  }

  get clock(): Clock {
    return this.scope.kernel.clock;
  }

  assertOpen(what: string): void {
    if (this.scope.isOver) throw this.scope.stale(what);
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
