/** From good to bad. */
export const healthLevels = ['healthy', 'degraded', 'unhealthy'] as const;

export type HealthStatus = (typeof healthLevels)[number];

/** How many results in a row it takes. */
export interface Patience {
  /** To be worse. */
  readonly failures: number;
  /** To be better. */
  readonly successes: number;
}

export interface Verdict {
  /** undefined: nothing was found out yet. */
  readonly status: HealthStatus | undefined;
  /** Results in a row that were better than the status; below 0: that were worse. */
  readonly streak: number;
}

export const unknown: Verdict = { status: undefined, streak: 0 };

/** The first result counts at once; later ones only when they come so many times in a row. */
export function judge(before: Verdict, result: HealthStatus, patience: Patience): Verdict {
  const { status } = before;
  if (status === undefined || status === result) return { status: result, streak: 0 };
  const step = isWorse(result, status) ? -1 : 1;
  const streak = Math.sign(before.streak) === step ? before.streak + step : step;
  const limit = step < 0 ? patience.failures : patience.successes;
  return Math.abs(streak) >= limit ? { status: result, streak: 0 } : { status, streak };
}

export function isWorse(a: HealthStatus, b: HealthStatus): boolean {
  return healthLevels.indexOf(a) > healthLevels.indexOf(b);
}
