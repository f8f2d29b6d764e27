import type { Operations } from './operations.ts';

/** The arguments and the result of an operation, by its name. */
export type ArgsOf<Name extends keyof Operations> = Parameters<Operations[Name]>[1];
export type ResultOf<Name extends keyof Operations> = ReturnType<Operations[Name]>;

/** One operation of a request, by name, with its arguments as plain data. */
export type Step = {
  [Name in keyof Operations]: readonly [name: Name, args: ArgsOf<Name>];
}[keyof Operations];

/** The results of steps, in their order. */
export type ResultsOf<Steps extends readonly Step[]> = {
  -readonly [Index in keyof Steps]: Steps[Index] extends readonly [infer Name, unknown]
    ? ResultOf<Name & keyof Operations>
    : never;
};

/** Steps that count together or not at all, whatever parts of Daruma they come from. */
export interface Request {
  readonly steps: readonly Step[];
  /** Its results are those it would have; nothing of it is kept. */
  readonly isRehearsal: boolean;
}

/** What is to be done about an operation that failed. */
export type FailureCode =
  | 'DARUMA_STORAGE_UNUSABLE'
  | 'DARUMA_STORAGE_FOREIGN'
  | 'DARUMA_STORAGE_CORRUPT'
  | 'DARUMA_STORAGE_FULL'
  | 'DARUMA_STORAGE_BUSY'
  | 'DARUMA_STORAGE_LOST'
  | 'DARUMA_STORAGE_UNREACHABLE'
  | 'DARUMA_STORAGE_OVERLOADED'
  | 'DARUMA_STORAGE_CLOSED'
  | 'DARUMA_TRANSACTION_CONFLICT'
  | 'DARUMA_STALE_CLAIM'
  | 'DARUMA_LEASE_LOST'
  | 'DARUMA_TICK_TAKEN';

/** Why a request failed, as plain data: it may come from another thread. */
export interface EngineFailure {
  readonly code: FailureCode;
  readonly message: string;
  readonly hint: string;
  /** What SQLite or the operating system said. */
  readonly cause?: string;
}

export type Outcome =
  | { readonly results: readonly unknown[] }
  | { readonly failure: EngineFailure };

/** What a request is rejected with; whoever knows the path in the tree makes a DarumaError of it. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly failure: EngineFailure;

  constructor(failure: EngineFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/**
 * Where everything durable is kept.
 *
 * 1. A request counts as a whole or not at all, also when it mixes operations of several parts.
 * 2. Requests take effect in the order in which they were submitted, as if one after the other.
 * 3. What was resolved is there: after a crash of the process, and after a loss of power where the
 *    engine is a file.
 * 4. Every request settles, at the latest when the engine is closed or aborted.
 */
export interface Engine {
  /** @throws EngineError */
  submit<const Steps extends readonly Step[]>(
    steps: Steps,
    options?: { readonly isRehearsal?: boolean },
  ): Promise<ResultsOf<Steps>>;
  /**
   * Calls back when something happened in a queue that a claim, or somebody who waits for a job, may
   * want to know: at once after what this engine stored, and as a hint after what other processes did.
   * A hint may be missing, or be about nothing. A lease that was given back is watched in the same
   * way, as `leaseTopic(name)`. Returns the undoing.
   */
  watch(queue: string, listener: () => void): () => void;
  /** Takes nothing more in, finishes what was submitted. undefined: done at once. */
  close(): Promise<void> | undefined;
  /** Rejects what is not done, and leaves. */
  abort(): void;
}
