import type { Check } from '../topics.ts';

/** How a target was over a time. */
export interface TargetSummary {
  readonly name: string;
  readonly checks: number;
  readonly failures: number;
  /** From 0 to 1; 1 where nobody looked. */
  readonly uptime: number;
  /** Over the good checks, in milliseconds. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly last: Check | undefined;
}

export function summaryOf(name: string, checks: readonly Check[]): TargetSummary {
  const good = checks.filter(({ ok }) => ok);
  // Refused connections are fast: they would only flatter the latency.
  const sorted = good.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    name,
    checks: checks.length,
    failures: checks.length - good.length,
    uptime: checks.length === 0 ? 1 : good.length / checks.length,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    last: checks.at(-1),
  };
}

/** The smallest value that at least this share of the values does not exceed. */
function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
