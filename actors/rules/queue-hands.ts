/** How a queue is, seen from one of its workers. */
export type QueueStanding = 'open' | 'paused' | 'unreachable';

export type QueueEvent =
  // from the storage
  | {
      type: 'answered';
      isPaused: boolean;
      /** As many came as were asked for: there may be more. */
      hasMore: boolean;
      /** Until a claim could find something although nobody says so. */
      nextInMs: number;
    }
  | { type: 'failed'; error: unknown; random: number }
  /** Something happened to the queue. */
  | { type: 'news' }
  // from its worker
  /** A place is free that was not. */
  | { type: 'freed' }
  /** Claim nothing more. */
  | { type: 'close' };

/** What the chart of a queue can have done; it is done after the new state is visible. */
export interface QueueHands {
  /** How many jobs could begin at once. */
  readonly free: number;
  /** Ask for as many jobs as there are places. */
  claim(): void;
  /** @param delayMs until the next claim, of a queue that is out of reach */
  report(standing: QueueStanding, error: unknown, delayMs: number): void;
}
