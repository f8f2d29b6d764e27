import type { Charge, Spent } from './crew.ts';
import type { Decision, EndReason, Outcome } from './restart.ts';

/** Milliseconds throughout; `at` is on the system's clock. `limitMs` is what its end may take. */
export type ServiceEvent =
  // from its supervisor
  | { type: 'start'; attempt: number; at: number }
  | { type: 'stop'; limitMs: number; at: number }
  | { type: 'kill'; at: number }
  /** Nobody can wait any more: whoever it belongs to was abandoned itself. */
  | { type: 'abandon' }
  | { type: 'hold'; suspended: boolean }
  | { type: 'backOff'; charge: Charge }
  | { type: 'rest' }
  | { type: 'giveUp'; spent: Spent }
  // from its body
  | { type: 'ready'; at: number }
  | { type: 'ignored' }
  | BodyLeft
  | { type: 'failed'; error: unknown; at: number; limitMs: number; decision?: Decision }
  | { type: 'cleanupFailed'; errors: readonly unknown[] }
  | { type: 'ended' };

/** The body is over by itself; its cleanup begins. */
export interface BodyLeft {
  readonly type: 'left';
  readonly reason: EndReason;
  readonly error?: unknown;
  readonly at: number;
  readonly limitMs: number;
  readonly decision?: Decision;
}

/** What the outside learns, once the new state is visible. */
export type ServiceNews =
  | { type: 'starting'; attempt: number }
  | { type: 'ready'; tookMs: number }
  | { type: 'ignored' }
  | { type: 'start-failed'; error: unknown }
  | { type: 'stop-requested'; limitMs: number }
  | { type: 'stop-error'; errors: readonly unknown[] }
  | { type: 'ended'; reason: EndReason; error: unknown }
  | { type: 'unstopped'; limitMs: number }
  | { type: 'backoff'; charge: Charge; error: unknown }
  | { type: 'suspended' }
  | { type: 'stopped' }
  | { type: 'failed'; spent: Spent; error: unknown };

/** What a service can have done; the kernel does it, after the new state is visible. */
export interface Hands {
  /** Begin a new incarnation and run its body. */
  launch(): void;
  /** Cancel its signal and run its stop hook. */
  cancel(): void;
  /** Cancel its signal: it failed, or took too long to start. */
  abort(): void;
  /** Cancel its signal and fence it off: nobody waits for it, what it reports is ignored. */
  abandon(): void;
  /** The error of a start that took too long. */
  startTimeout(): unknown;
  /** Tell its supervisor. */
  tellReady(): void;
  tellIgnored(): void;
  tellDown(outcome: Outcome): void;
  tellDue(): void;
}
