import type { Duration } from '../../actors/rules/duration.ts';
import type { HealthStatus } from '../events.ts';

/**
 * What a check may answer: nothing or true is healthy, false is unhealthy, and so is a check that
 * throws; a status says it exactly, and `{ status, reason }` says why.
 */
export type HealthAnswer =
  | undefined
  | boolean
  | HealthStatus
  | { readonly status: HealthStatus; readonly reason?: string };

export interface HealthCheckOptions<Check> {
  readonly check: Check;
  /** From the end of one look to the begin of the next; the first is at once. @default '30s' */
  readonly every?: Duration;
  /** A look that takes longer finds it unhealthy. @default '5s' */
  readonly timeout?: Duration;
  /** How many looks in a row must be worse before it is. Minimum: 1. @default 3 */
  readonly failures?: number;
  /** How many looks in a row must be better before it is. Minimum: 1. @default 1 */
  readonly successes?: number;
}

/** Health checks by name: a function, or one with its options. */
export type HealthChecks<Check> = Readonly<Record<string, Check | HealthCheckOptions<Check>>>;
