import type { SupervisorSpec } from '../define/spec.ts';
import { reservedMs } from '../define/stop-warning.ts';
import { worstCaseStartMs, worstCaseStopMs } from '../define/worst-case.ts';

/** What `createSystem` takes where nothing is said. */
export const defaultGraceMs = 25_000;
export const defaultBootWithinMs = 60_000;

/** How long a tree can take to start and to stop, and how long it may. Milliseconds. */
export interface Outlook {
  readonly startMs: number;
  readonly bootWithinMs: number;
  readonly stopMs: number;
  readonly graceMs: number;
  /** Of the grace period, what is left for stopping. */
  readonly stopWithinMs: number;
}

export function outlookOf(root: SupervisorSpec, graceMs: number, bootWithinMs: number): Outlook {
  return {
    startMs: worstCaseStartMs(root),
    bootWithinMs,
    stopMs: worstCaseStopMs(root),
    graceMs,
    stopWithinMs: Math.max(0, graceMs - reservedMs),
  };
}
