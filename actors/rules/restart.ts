/** When a child is started again: always, after an abnormal end, or never. OTP's words and meaning. */
export type RestartType = 'permanent' | 'transient' | 'temporary';

/**
 * Why an incarnation is over: it returned, it threw, it was asked to stop (or a supervisor shut
 * itself down), it was cut off, or it was a supervisor whose restarts ran out.
 */
export type EndReason = 'normal' | 'error' | 'shutdown' | 'killed' | 'RestartLimitExceeded';

/** What a child's `decide` answers about an error of its body. */
export type Decision = 'restart' | 'stop' | 'escalate';

/** The end of an incarnation, as its supervisor learns of it. */
export interface Outcome {
  readonly reason: EndReason;
  /** What was thrown, or the limit that was exceeded. */
  readonly error?: unknown;
  /** The start attempt failed: it was never ready. */
  readonly startFailed: boolean;
  /** It did not end within its limit and was abandoned. */
  readonly unstopped: boolean;
  /** How long it had been ready; -1 when it never was. */
  readonly readyMs: number;
  /** The answer of `decide`, where it was asked. */
  readonly decision?: Decision;
}

/** Whether its type alone lets a child be restarted after this end. */
export function isRestartable(restart: RestartType, reason: EndReason): boolean {
  if (restart === 'permanent') return true;
  if (restart === 'temporary') return false;
  return reason === 'error' || reason === 'RestartLimitExceeded' || reason === 'killed';
}

/** Whether its start was overtaken by a stop, so that there was no attempt at all. */
export function neverBegan({ reason, startFailed, readyMs }: Outcome): boolean {
  return reason === 'shutdown' && !startFailed && readyMs < 0;
}

/** Whether it came down by itself, not because its supervisor asked. */
export function endedByItself(outcome: Outcome): boolean {
  return outcome.reason === 'normal' || outcome.reason === 'error' || outcome.startFailed;
}
