/** What happens to somebody who wants a lease. Times are milliseconds on the system's clock. */
export type LeaseEvent =
  /** It has the lease; the token is higher than all before it. */
  | { type: 'granted'; token: number }
  /** Somebody else has it, for so much longer if nobody renews it. */
  | { type: 'refused'; holder: string; forMs: number }
  | { type: 'renewed' }
  /** Somebody else has had it since. */
  | { type: 'lost' }
  /** Nobody has answered. */
  | { type: 'unreachable'; error: unknown }
  /** It may be free. */
  | { type: 'hinted' }
  /** What it runs under the lease is over, with everything in it. */
  | { type: 'workEnded' }
  /** The lease was given back; or could not be, and runs out. */
  | { type: 'returned'; isFree: boolean }
  | { type: 'stop' };

/** What the outside learns, once the new state is visible. */
export type LeaseNews =
  /** Somebody else has it. */
  | { type: 'standingBy'; holder: string }
  | { type: 'acquired'; token: number }
  /** Once for each time that it cannot be reached. */
  | { type: 'unreachable'; token: number | null; error: unknown }
  /** It can be reached again. */
  | { type: 'renewed'; token: number }
  | { type: 'lost'; token: number }
  | { type: 'released'; token: number };

/** What can be done about a lease; its answers come as events. */
export interface LeaseHands {
  /** Milliseconds on the system's monotonic clock. */
  now(): number;
  /** A number in [0, 1). */
  random(): number;
  acquire(): void;
  renew(token: number): void;
  release(token: number): void;
  /** Start what is to run under the lease. */
  beginWork(token: number): void;
  /** Stop it: it has until the lease runs out. */
  endWork(): void;
}
