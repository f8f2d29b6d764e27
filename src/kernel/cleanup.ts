/** One step of a cleanup. */
export type CleanupStep = () => unknown;
/** Something that is under way; undefined: nothing is. Must not fail. */
export type Wait = () => Promise<unknown> | undefined;
/** Calls user code on behalf of its child. */
export type Caller = <Result>(call: () => Result) => Result;

/**
 * What an incarnation has to give back: its own children first, then what is under way, then every
 * step in reverse order, one by one. Every step runs whatever the others did; their errors are collected.
 */
export class Cleanup {
  #steps: CleanupStep[] | undefined;
  #waits: Wait[] | undefined;
  #drains: Wait[] | undefined;
  #errors: unknown[] | undefined;
  #isAbandoned = false;
  #onAbandon: (() => void)[] | undefined;
  #running: Promise<readonly unknown[]> | undefined;
  /** Takes the children that the incarnation spawned down; resolves when they are. */
  stopChildren: (() => Promise<void>) | undefined;
  /** Gives them no more time: what is still up is declared unstopped, at once. */
  abandonChildren: (() => void) | undefined;

  get isEmpty(): boolean {
    const hasSteps = this.#steps?.length || this.#waits?.length;
    return !hasSteps && !this.#errors?.length && !this.stopChildren;
  }

  add(step: CleanupStep): void {
    this.#steps ??= [];
    this.#steps.push(step);
  }

  /** Calls back when nobody waits for the incarnation any more, just before it is fenced off. */
  onAbandon(callback: () => void): void {
    this.#onAbandon ??= [];
    this.#onAbandon.push(callback);
  }

  /** Nobody waits any more: the steps wait for nothing. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const callback of this.#onAbandon ?? []) callback();
  }

  /** Waits, before the first step, for what still uses what the steps give back. */
  waitFor(wait: Wait): void {
    this.#waits ??= [];
    this.#waits.push(wait);
  }

  /** Waits for it when the incarnation is drained. */
  drainFirst(wait: Wait): void {
    this.#drains ??= [];
    this.#drains.push(wait);
  }

  /** Resolves when all that was to be drained is, and the hook done; undefined: nothing is. */
  drain(hook: (() => Promise<unknown>) | undefined): Promise<unknown> | undefined {
    const drains = [...(this.#drains ?? []), ...(hook ? [hook] : [])];
    const underWay = drains.flatMap((wait) => wait() ?? []);
    return underWay.length === 0 ? undefined : Promise.all(underWay);
  }

  /** An error of the end that is not a step's: of the stop hook, of a body that was cancelled. */
  note(error: unknown): void {
    this.#errors ??= [];
    this.#errors.push(error);
  }

  /** Resolves with the errors; never rejects. Runs once: a second call joins the first. */
  run(caller: Caller): Promise<readonly unknown[]> {
    this.#running ??= this.#run(caller);
    return this.#running;
  }

  async #run(caller: Caller): Promise<readonly unknown[]> {
    await this.stopChildren?.();
    this.stopChildren = undefined;
    await this.#wait();
    while (this.#steps?.length) {
      const step = this.#steps.pop() as CleanupStep;
      try {
        await caller(step);
      } catch (error) {
        this.note(error);
      }
    }
    return this.#errors ?? [];
  }

  async #wait(): Promise<void> {
    const waits = this.#waits?.flatMap((wait) => wait() ?? []) ?? [];
    if (waits.length === 0 || this.#isAbandoned) return;
    const abandoned = new Promise<void>((resolve) => this.onAbandon(resolve));
    await Promise.race([Promise.all(waits), abandoned]);
  }
}

/**
 * How a resource that was given to `ctx.use` is given back.
 *
 * @throws TypeError when nobody said how
 */
export function disposalOf<Value>(
  value: Value,
  dispose: ((value: Value) => unknown) | undefined,
): CleanupStep {
  if (typeof dispose === 'function') return () => dispose(value);
  const { [Symbol.asyncDispose]: later, [Symbol.dispose]: now } = (value ?? {}) as {
    [Symbol.asyncDispose]?: () => unknown;
    [Symbol.dispose]?: () => unknown;
  };
  const method = later ?? now;
  if (method) return () => method.call(value);
  throw new TypeError(
    'ctx.use(value) needs a Disposable or AsyncDisposable, or a second argument: ctx.use(value, (value) => value.close()).',
  );
}
