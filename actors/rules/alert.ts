/**
 * Whether people are told of a condition. They are told when it begins and when it is over, and
 * reminded while it lasts; within the cooldown after something was said, nothing new is raised, so
 * that a condition that comes and goes does not ring all night.
 */
export interface AlertState {
  /** When the condition began; undefined: it does not hold. */
  readonly since: number | undefined;
  /** When people were told last that it holds. */
  readonly toldAt: number | undefined;
  /** They were told of this time that it holds. */
  readonly isTold: boolean;
}

export const quiet: AlertState = { since: undefined, toldAt: undefined, isTold: false };

export type AlertNotice =
  | { readonly kind: 'raised' }
  /** It still holds. */
  | { readonly kind: 'reminder'; readonly forMs: number }
  | { readonly kind: 'recovered'; readonly forMs: number };

export interface AlertStep {
  readonly state: AlertState;
  readonly notice: AlertNotice | undefined;
  /** When to look again even if nothing changes. */
  readonly lookAt: number | undefined;
}

/** Looks at the condition at a moment: it has changed, or it is time to look again. */
export function lookAt(
  state: AlertState,
  holds: boolean,
  now: number,
  cooldownMs: number,
): AlertStep {
  const { since, toldAt, isTold } = state;
  if (!holds) {
    const wasTold = since !== undefined && isTold;
    return {
      state: { since: undefined, toldAt, isTold: false },
      notice: wasTold ? { kind: 'recovered', forMs: now - since } : undefined,
      lookAt: undefined,
    };
  }
  const began = since ?? now;
  const silentUntil = toldAt === undefined ? now : toldAt + cooldownMs;
  if (now < silentUntil) {
    return { state: { since: began, toldAt, isTold }, notice: undefined, lookAt: silentUntil };
  }
  return {
    state: { since: began, toldAt: now, isTold: true },
    notice: isTold ? { kind: 'reminder', forMs: now - began } : { kind: 'raised' },
    lookAt: now + cooldownMs,
  };
}
