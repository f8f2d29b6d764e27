/** What the function of a call is given, one for each attempt. */
export interface Attempt {
  /**
   * Aborted when the attempt takes too long, or when the call is cancelled. Made when it is first
   * touched.
   */
  readonly signal: AbortSignal;
  /** Which attempt of the call, from 1. */
  readonly attempt: number;
}

/** What is called: once for each attempt. */
export type Work<Result> = (attempt: Attempt) => Result | PromiseLike<Result>;

export class LiveAttempt implements Attempt {
  readonly attempt: number;
  #controller: AbortController | undefined;
  #reason: unknown;

  constructor(attempt: number) {
    this.attempt = attempt;
  }

  /** Made late: to make one costs more than all the rest of a call. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }
}
