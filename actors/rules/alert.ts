/** How bad something is: 0 is well, more is worse. */
export type Severity = 0 | 1 | 2;

/** All times in milliseconds. */
export interface AlertPolicy {
  /** After people were told, nothing that comes back, or gets as bad again, is told for so long. */
  readonly cooldownMs: number;
  /** While it lasts, people are told again after so long. */
  readonly remindAfterMs: number;
}

/** What people know of one thing that may be wrong. */
export interface AlertState {
  /** When it went wrong; undefined: it is well. */
  readonly since: number | undefined;
  /** When people were told last that it is wrong. */
  readonly toldAt: number | undefined;
  /** How bad it was, as they were told. */
  readonly told: Severity;
  /** They were told of it since it went wrong this time. */
  readonly isTold: boolean;
}

export const quiet: AlertState = { since: undefined, toldAt: undefined, told: 0, isTold: false };

export interface AlertStep {
  readonly state: AlertState;
  /** What to tell; undefined: nothing. `forMs`: how long it lasts, or lasted. */
  readonly notice: { readonly kind: AlertNotice; readonly forMs: number } | undefined;
  /** When to look again even if nothing changes. */
  readonly lookAt: number | undefined;
}

export type AlertNotice = 'raised' | 'reminder' | 'recovered';

/**
 * Looks at something: it has changed, or it is time to look again. People are told when it goes
 * wrong or gets worse, reminded while it lasts, and told when it is well again, if they knew. What
 * comes and goes is told once in a cooldown, and again after it if it is wrong then.
 */
export function lookAt(
  state: AlertState,
  severity: Severity,
  now: number,
  policy: AlertPolicy,
): AlertStep {
  const { since, toldAt, isTold } = state;
  if (severity === 0) {
    const forMs = now - (since ?? now);
    return {
      state: { ...state, since: undefined, isTold: false },
      notice: isTold ? { kind: 'recovered', forMs } : undefined,
      lookAt: undefined,
    };
  }
  const began = since ?? now;
  const pauseMs = isTold ? policy.remindAfterMs : policy.cooldownMs;
  const silentUntil = toldAt === undefined ? now : toldAt + pauseMs;
  const isWorse = severity > state.told;
  if (now < silentUntil && !isWorse) {
    return { state: { ...state, since: began }, notice: undefined, lookAt: silentUntil };
  }
  return {
    state: { since: began, toldAt: now, told: severity, isTold: true },
    notice: { kind: isTold && !isWorse ? 'reminder' : 'raised', forMs: now - began },
    lookAt: now + policy.remindAfterMs,
  };
}
