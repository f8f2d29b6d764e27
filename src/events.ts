import type { HealthStatus } from '../actors/rules/hysteresis.ts';
import type { EndReason } from '../actors/rules/restart.ts';
import type { BusHappening } from './happenings/bus.ts';
import type { JobHappening } from './happenings/jobs.ts';
import type { LeaseHappening } from './happenings/leases.ts';
import type { NotifyHappening } from './happenings/notify.ts';
import type { PipelineHappening } from './happenings/pipelines.ts';
import type { PluginHappening } from './happenings/plugins.ts';
import type { ResilienceHappening } from './happenings/resilience.ts';
import type { ScheduleHappening } from './happenings/schedule.ts';

import type { StorageHappening } from './happenings/storage.ts';
import type { TaskHappening } from './happenings/tasks.ts';

export type { HealthStatus };

/** An error as plain data. */
export interface ErrorInfo {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  /** What to do about it. */
  readonly hint?: string;
  readonly stack?: string;
}

/** What a child without an incarnation waits for. */
export type WaitingFor =
  | { readonly kind: 'sibling'; readonly path: string }
  | { readonly kind: 'need'; readonly path: string };

export type SystemPhase = 'booting' | 'running' | 'draining' | 'stopping' | 'stopped';

/** Carried by every event. */
export interface EventBase {
  /** Position in the total order of the system's events, from 1. */
  readonly seq: number;
  /** Milliseconds on the system's monotonic clock. */
  readonly at: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The place in the tree; the root's path for events of the system. */
  readonly path: string;
  /** Which life of it, from 1; 0 before the first. */
  readonly incarnation: number;
}

/** What happened, without where and when. Durations in milliseconds, Infinity as null. */
export type Happening =
  | KernelHappening
  | BusHappening
  | JobHappening
  | LeaseHappening
  | NotifyHappening
  | PipelineHappening
  | PluginHappening
  | ResilienceHappening
  | ScheduleHappening
  | StorageHappening
  | TaskHappening;

/** What happens to the places of the tree; the batteries have theirs in `happenings/`. */
export type KernelHappening =
  /** It has no incarnation and waits for something else. */
  | { readonly type: 'waiting'; readonly for: readonly WaitingFor[] }
  /** A start attempt begins. `attempt` counts the restarts of the current series. */
  | { readonly type: 'starting'; readonly attempt: number }
  | { readonly type: 'ready'; readonly tookMs: number }
  /** The attempt answered "not needed". */
  | { readonly type: 'ignored' }
  | { readonly type: 'start-failed'; readonly error: ErrorInfo }
  /** Asked to stop, its signal cancelled. `limitMs`: what its end may take. */
  | { readonly type: 'stop-requested'; readonly limitMs: number | null }
  | { readonly type: 'stop-error'; readonly error: ErrorInfo }
  | { readonly type: 'ended'; readonly reason: EndReason; readonly error?: ErrorInfo }
  /** Its limit passed; it was abandoned and fenced off. */
  | { readonly type: 'unstopped'; readonly limitMs: number | null }
  /** A restart was charged and scheduled. */
  | {
      readonly type: 'backoff';
      readonly delayMs: number;
      /** Position in the series of delays, from 1. */
      readonly attempt: number;
      /** Restarts in the current period of its supervisor, this one included. */
      readonly used: number;
      readonly intensity: number;
      readonly periodMs: number;
      readonly error?: ErrorInfo;
    }
  /** Taken down because a need went down; comes back when it is ready again. */
  | { readonly type: 'suspended'; readonly for: readonly WaitingFor[] }
  /** Its scheduled restart, or its turn to start, was called off. */
  | { readonly type: 'stopped' }
  /** Given up by `whenExhausted: 'give-up'`. */
  | {
      readonly type: 'failed';
      /** Restarts of the current series that came before. */
      readonly attempt: number;
      /** Restarts in the current period of its supervisor. */
      readonly used: number;
      readonly intensity: number;
      readonly periodMs: number;
      readonly error?: ErrorInfo;
    }
  /** Its spec is gone: temporary, dynamic or removed. */
  | { readonly type: 'dropped' }
  /** A supervisor ends by its own decision. */
  | {
      readonly type: 'escalated';
      readonly culprit: string;
      /** Its own `decide` wanted it, whatever was left of the budget. */
      readonly isDecided: boolean;
      readonly used: number;
      readonly intensity: number;
      readonly periodMs: number;
      readonly error?: ErrorInfo;
    }
  | { readonly type: 'auto-shutdown'; readonly culprit: string }
  | { readonly type: 'draining' }
  | { readonly type: 'drained'; readonly error?: ErrorInfo }
  /** `check`: the health check that says so; undefined: itself. */
  | {
      readonly type: 'health';
      readonly status: HealthStatus;
      readonly reason?: string;
      readonly check?: string;
    }
  /** No beat within the watchdog's limit. */
  | { readonly type: 'overdue'; readonly limitMs: number; readonly sinceBeatMs: number }
  /** The event loop was blocked, so that a watchdog's lateness says nothing about its service. */
  | { readonly type: 'loop-blocked'; readonly blockedMs: number }
  | {
      readonly type: 'message-lost';
      readonly message: string;
      readonly why: 'not-running' | 'dropped' | 'mailbox-full';
    }
  /** `decide` threw, or answered something else than it may; the child is restarted. */
  | { readonly type: 'decide-failed'; readonly error: ErrorInfo }
  /** An error that reached the process from code of this child. */
  | {
      readonly type: 'stray-error';
      readonly error: ErrorInfo;
      readonly task?: string;
      readonly job?: string;
    }
  /** An abandoned incarnation reported something; it was ignored. */
  | { readonly type: 'late'; readonly what: string; readonly fromIncarnation: number }
  /** A subscriber outside the tree threw. */
  | { readonly type: 'listener-failed'; readonly error: ErrorInfo }
  /** Something legal that is seldom meant. */
  | { readonly type: 'hint'; readonly text: string }
  | { readonly type: 'phase'; readonly phase: SystemPhase }
  | { readonly type: 'boot-timeout'; readonly limitMs: number; readonly paths: readonly string[] }
  | { readonly type: 'signal'; readonly signal: string; readonly count: number }
  /** Nobody waits any more; these were still up. */
  | { readonly type: 'cut-off'; readonly paths: readonly string[] };

export type LifecycleEvent = EventBase & Happening;

/**
 * An error of any kind as plain data. Non-errors are described by their type and text. Of a failed
 * start it is what the body threw: the event says the rest.
 */
export function errorInfo(thrown: unknown): ErrorInfo {
  try {
    return infoOf(isStartFailure(thrown) ? thrown.cause : thrown);
  } catch {
    return { name: 'NonError', message: 'an error that cannot be read' };
  }
}

function infoOf(error: unknown): ErrorInfo {
  if (!(error instanceof Error)) {
    return { name: 'NonError', message: `${typeof error}: ${textOf(error)}` };
  }
  const { code, hint } = error as { code?: unknown; hint?: unknown };
  const stack = error.stack === undefined ? '' : String(error.stack);
  return {
    name: String(error.name),
    message: String(error.message),
    ...(typeof code === 'string' && { code }),
    ...(typeof hint === 'string' && { hint }),
    ...(stack !== '' && { stack }),
  };
}

/** What an error says; whatever was thrown, this does not throw. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : textOf(error);
  } catch {
    return 'an error that cannot be read';
  }
}

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

function isStartFailure(error: unknown): error is Error & { readonly cause: unknown } {
  if (!(error instanceof Error) || error.cause === undefined) return false;
  return (error as { code?: unknown }).code === 'DARUMA_START_FAILED';
}
