/** Why an attempt has to end before it has ended by itself, the graver later. */
export const causes = ['stopping', 'timeout', 'cancelled', 'lost'] as const;

/**
 * `stopping`: its worker ends. `timeout`: it takes too long. `cancelled`: somebody called the job
 * off. `lost`: its lease ran out, or somebody else has the job.
 */
export type Cause = (typeof causes)[number];

/** Why a job is not tried again although attempts are left. */
export type FinalFault = 'not-retryable' | 'invalid-payload';

/** Where an attempt is. The last two are terminal. */
export type AttemptStage =
  | 'claimed'
  | 'running'
  | 'stopping'
  | 'closing'
  | 'settling'
  | 'unsettled'
  | 'settled'
  | 'left';

/** Milliseconds throughout; Infinity means no limit. */
export interface AttemptPolicy {
  /** What the handler may take, from its begin. */
  readonly timeoutMs: number;
  /** What it may take to end once it was asked to, and what its scope may take to be disposed of. */
  readonly cancelWithinMs: number;
}

/** How the handler ended; undefined: it has not, and nobody waits any more. */
export type AttemptEnd =
  | {
      readonly type: 'returned';
      readonly result: unknown;
      /** It ended because it was asked to. */
      readonly isObedient: boolean;
    }
  | {
      readonly type: 'threw';
      readonly error: unknown;
      readonly isObedient: boolean;
      readonly fault: FinalFault | undefined;
    };

export type AttemptEvent =
  // from its worker
  /** Its payload is in order, and it is its turn. */
  | { type: 'begin' }
  | { type: 'cancel'; cause: Exclude<Cause, 'timeout'> }
  /** Nobody can wait any more: its worker was given up. */
  | { type: 'abandon' }
  // from its handler
  | AttemptEnd
  /** Its own transaction has completed the job. */
  | { type: 'committed' }
  /** Everything that belonged to it is disposed of. */
  | { type: 'closed' }
  // from the storage
  | { type: 'stored' }
  /** The claim is not current any more: somebody else decides. */
  | { type: 'refused' }
  /** It is out of reach. */
  | { type: 'notStored' };

/** What its worker learns, once the new stage is visible. */
export interface AttemptNews {
  readonly type: 'attempt';
  readonly stage: AttemptStage;
}

/** What is to be stored of an attempt. */
export type AttemptOutcome =
  | { readonly type: 'completed'; readonly result: unknown }
  | { readonly type: 'retry'; readonly error: unknown; readonly delayMs: number }
  | {
      readonly type: 'dead';
      readonly error: unknown;
      readonly reason: 'exhausted' | FinalFault;
    }
  | { readonly type: 'cancelled'; readonly error: unknown }
  /** Given back unharmed: the attempt does not count. */
  | { readonly type: 'released' };

/** What an attempt can have done; it is done after the new stage is visible. */
export interface AttemptHands {
  /** Call the handler. */
  launch(): void;
  /** Cancel its signal. */
  cancel(cause: Cause): void;
  /** Cancel its signal: it took too long. Returns the error of that. */
  expire(): unknown;
  /** Fence it off: whatever the handler still reports is ignored. */
  fence(): void;
  /** Dispose of everything that belongs to it. */
  close(): void;
  /** Nobody waits for that any more. */
  leaveOpen(): void;
  settle(outcome: AttemptOutcome): void;
  /** The delay before the next attempt, in milliseconds. */
  retryDelay(error: unknown): number;
}
