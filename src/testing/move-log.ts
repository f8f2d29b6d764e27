import { culpritIn, recordStack, type Stack } from './world/culprit.ts';

/** A promise that knows whether somebody waits for it. */
class Move extends Promise<unknown> {
  isAwaited = false;

  /** What is made from it is an ordinary promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // An `await` calls it: this is how a move knows.
  // biome-ignore lint/suspicious/noThenProperty: it is a promise.
  override then<One = unknown, Other = never>(
    onFulfilled?: ((value: unknown) => One | PromiseLike<One>) | null,
    onRejected?: ((reason: unknown) => Other | PromiseLike<Other>) | null,
  ): Promise<One | Other> {
    this.isAwaited = true;
    return super.then(onFulfilled, onRejected);
  }
}

interface Made {
  readonly move: Move;
  readonly call: string;
  readonly stack: Stack;
}

/** The moves that an `async` body makes: one at a time, and each awaited. */
export class MoveLog {
  readonly #made: Made[] = [];

  /**
   * @param call what the body wrote, for the message
   * @param method what it called
   * @throws TypeError when the move before it was not awaited
   */
  make<Result>(call: string, method: object, start: () => Promise<Result>): Promise<Result> {
    this.requireAwaited();
    const move = Move.resolve(start()) as Move;
    this.#made.push({ move, call, stack: recordStack(method) });
    return move as Promise<Result>;
  }

  /** @throws TypeError that names the call, when a move was not awaited */
  requireAwaited(): void {
    const forgotten = this.#made.find(({ move }) => !move.isAwaited);
    this.#made.length = 0;
    if (!forgotten) return;
    const { call, stack, move } = forgotten;
    // What becomes of it is not news any more.
    move.catch(() => {});
    const { line } = culpritIn(stack);
    const where = line === undefined ? '' : ` at ${line}`;
    throw new TypeError(
      `sim.${call}${where} was not awaited: in an async body each move is, 'await sim.${call}'.`,
    );
  }
}
