import type { ErrorInfo } from '../events.ts';
import type { Journal } from './journal.ts';
import type { RootEnd } from './system-root.ts';

/** How a system came down. */
export interface StopReport {
  /**
   * `stopped`: as asked, or every child had ended; `start-failed`; `escalated`: the root gave up;
   * `forced`: a second signal came first.
   */
  readonly reason: 'stopped' | 'start-failed' | 'escalated' | 'forced';
  /** What the start failed of, or the root gave up over. */
  readonly error: unknown;
  /** Incarnations that did not end within their limit and have not ended since. */
  readonly unstopped: readonly string[];
  /** What was still up when a second signal came. */
  readonly cutOff: readonly string[];
  /** What failed while it stopped; it ended all the same. */
  readonly stopErrors: readonly { readonly path: string; readonly error: ErrorInfo }[];
  /** 0 clean, 1 the start failed, 2 invalid configuration, 3 escalated, 4 something is unstopped. */
  readonly exitCode: number;
}

/** Keeps the book of what did not stop over the life of a system, and of what failed at its end. */
export class Leftovers {
  readonly #unstopped = new Map<string, string>();
  #isStopping = false;
  readonly stopErrors: { path: string; error: ErrorInfo }[] = [];

  constructor(journal: Journal) {
    journal.listen((event) => {
      if (event.type === 'unstopped') {
        this.#unstopped.set(`${event.path}#${event.incarnation}`, event.path);
      } else if (event.type === 'late' && event.what === 'ended') {
        this.#unstopped.delete(`${event.path}#${event.fromIncarnation}`);
      } else if (event.type === 'phase') {
        // Stopped it still closes what its services have shared.
        this.#isStopping = event.phase !== 'booting' && event.phase !== 'running';
      } else if (event.type === 'stop-error' && this.#isStopping) {
        this.stopErrors.push({ path: event.path, error: event.error });
      }
    });
  }

  get unstopped(): string[] {
    return [...new Set(this.#unstopped.values())];
  }
}

export function stopReport(end: RootEnd, leftovers: Leftovers): StopReport {
  const { unstopped, stopErrors } = leftovers;
  const reason = reasonOf(end);
  return {
    reason,
    error: end.bootError ?? end.outcome?.error,
    unstopped,
    cutOff: end.cutOff,
    stopErrors,
    exitCode: isDefinitionError(end.bootError)
      ? 2
      : exitCodeOf(reason, unstopped.length > 0 || end.cutOff.length > 0),
  };
}

function isDefinitionError(error: unknown): boolean {
  return error instanceof Error && 'faults' in error;
}

function reasonOf(end: RootEnd): StopReport['reason'] {
  if (end.isForced) return 'forced';
  if (end.bootError !== undefined || end.outcome?.startFailed) return 'start-failed';
  return end.outcome?.reason === 'RestartLimitExceeded' ? 'escalated' : 'stopped';
}

function exitCodeOf(reason: StopReport['reason'], hasLeftovers: boolean): number {
  if (reason === 'start-failed') return 1;
  if (reason === 'escalated') return 3;
  return hasLeftovers ? 4 : 0;
}
