import { formatDuration } from '../../actors/rules/duration.ts';
import type { ErrorInfo } from '../events.ts';

/** What happens under a policy. Durations in milliseconds. */
export type ResilienceHappening =
  /**
   * A circuit breaker is in another state. Its path is the root's: it belongs to nobody in
   * particular. `calls` and `failures` are what was counted when it opened, `error` is the last one.
   */
  | {
      readonly type: 'breaker';
      readonly policy: string;
      readonly status: 'closed' | 'open' | 'half-open';
      readonly calls: number;
      readonly failures: number;
      /** Calls that it refused since it was closed. */
      readonly refused: number;
      readonly recoveryMs: number;
      /** How many probes it admits at a time. */
      readonly probes: number;
      readonly error?: ErrorInfo;
    }
  /** A call that goes through a breaker that is not closed. */
  | {
      readonly type: 'probe';
      readonly policy: string;
      readonly status: 'admitted' | 'succeeded' | 'failed' | 'withdrawn';
      readonly error?: ErrorInfo;
    }
  /** An attempt failed, and another one is made after a delay. `attempt` is the one that failed. */
  | {
      readonly type: 'retry';
      readonly policy: string;
      readonly attempt: number;
      readonly maxAttempts: number;
      readonly delayMs: number;
      readonly error: ErrorInfo;
    }
  /** A call failed, and its fallback answers in its place; not one that an open breaker refused. */
  | { readonly type: 'fallback'; readonly policy: string; readonly error: ErrorInfo };

export function describeResilience(event: ResilienceHappening): string {
  switch (event.type) {
    case 'breaker':
      return describeBreaker(event);
    case 'probe':
      return `${probes[event.status](event.policy)}${because(event.error)}`;
    case 'retry':
      return `tries ${event.policy} again in ${formatDuration(event.delayMs)} (attempt ${event.attempt} of ${event.maxAttempts} failed)${because(event.error)}`;
    case 'fallback':
      return `falls back from ${event.policy}${because(event.error)}`;
  }
}

const probes = {
  admitted: (policy: string) => `probes ${policy}`,
  succeeded: (policy: string) => `probed ${policy}: it works`,
  failed: (policy: string) => `probed ${policy} in vain`,
  withdrawn: (policy: string) => `called its probe of ${policy} off`,
} as const;

function describeBreaker(event: Extract<ResilienceHappening, { type: 'breaker' }>): string {
  const { policy, calls, failures, refused, recoveryMs } = event;
  switch (event.status) {
    case 'open': {
      const counted = calls === 0 ? 'a probe failed' : `${failures} of ${calls} calls failed`;
      return `the breaker of ${policy} is open for ${formatDuration(recoveryMs)} (${counted})${because(event.error)}`;
    }
    case 'half-open':
      return `the breaker of ${policy} is half open: the next call is a probe`;
    case 'closed':
      return `the breaker of ${policy} is closed again; it refused ${refused} ${refused === 1 ? 'call' : 'calls'}`;
  }
}

function because(error: ErrorInfo | undefined): string {
  return error ? `: ${error.message}` : '';
}
