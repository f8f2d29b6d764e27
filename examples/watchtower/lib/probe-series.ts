import { Ring } from './ring.ts';

/** What one request to a URL came to. */
export interface ProbeResult {
  readonly ok: boolean;
  readonly latencyMs: number;
  /** `200`, `HTTP 500`, `no answer in time`, `ECONNREFUSED` */
  readonly outcome: string;
  /** No server's answer could ever mend it, such as a port that fetch refuses. */
  readonly isHopeless: boolean;
}

/** A URL in the report. */
export interface ProbeSummary {
  readonly name: string;
  readonly url: string;
  readonly isUp: boolean;
  readonly checks: number;
  readonly failures: number;
  readonly failuresInARow: number;
  /** Over the latest successful checks. */
  readonly latencyMs: { readonly p50?: number; readonly p95?: number };
  readonly lastOutcome: string;
  /** When that was, in milliseconds since the epoch: a probe that is suspended does not look. */
  readonly lastAt: number | undefined;
}

const kept = 120;

/** The checks of one URL. */
export class ProbeSeries {
  readonly #latencies = new Ring(kept);
  url: string;
  #checks = 0;
  #failures = 0;
  #failuresInARow = 0;
  #lastOutcome = '';
  #lastAt: number | undefined;

  constructor(url: string) {
    this.url = url;
  }

  /**
   * @param at milliseconds since the epoch
   * @returns how many checks in a row have failed now; 0 after a success
   */
  record(result: ProbeResult, at: number): number {
    this.#checks++;
    this.#lastAt = at;
    this.#lastOutcome = result.outcome;
    if (result.ok) {
      // Refused connections are fast: they would only flatter the latency.
      this.#latencies.push(result.latencyMs);
      this.#failuresInARow = 0;
    } else {
      this.#failures++;
      this.#failuresInARow++;
    }
    return this.#failuresInARow;
  }

  summary(name: string): ProbeSummary {
    return {
      name,
      url: this.url,
      isUp: this.#checks > 0 && this.#failuresInARow === 0,
      checks: this.#checks,
      failures: this.#failures,
      failuresInARow: this.#failuresInARow,
      latencyMs: quantiles(this.#latencies),
      lastOutcome: this.#lastOutcome,
      lastAt: this.#lastAt,
    };
  }
}

function quantiles(ring: Ring): { readonly p50?: number; readonly p95?: number } {
  const [p50, p95] = [ring.quantile(0.5), ring.quantile(0.95)];
  return p50 === undefined || p95 === undefined ? {} : { p50, p95 };
}
