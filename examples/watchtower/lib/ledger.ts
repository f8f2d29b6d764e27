import { History, type HistoryRow } from './history.ts';
import { type Incident, Incidents } from './incidents.ts';
import { LogSeries, type LogSummary } from './log-series.ts';
import { ProbeSeries, type ProbeSummary } from './probe-series.ts';

/** This machine at one moment. Bytes and milliseconds. */
export interface HostSample {
  /** Over one, five and fifteen minutes; all 0 on Windows, which has none. */
  readonly load: readonly number[];
  readonly cpus: number;
  readonly memory: Usage;
  readonly disks: readonly (Usage & { readonly path: string })[];
  /** How late timers of this process were since the sample before. */
  readonly loopDelay: { readonly p99: number; readonly max: number };
}

export interface Usage {
  readonly used: number;
  readonly total: number;
}

/** Everything that is known, as plain data: what a report is made of. */
export interface Overview {
  readonly at: number;
  readonly since: number;
  readonly host: HostSample | undefined;
  readonly probes: readonly ProbeSummary[];
  readonly logs: readonly LogSummary[];
  readonly openIncidents: readonly Incident[];
  readonly resolvedIncidents: readonly Incident[];
  /** The oldest first. */
  readonly history: readonly HistoryRow[];
}

/** The book of everything that was measured. It stays small, however long it is kept. */
export class Ledger {
  readonly #since: number;
  readonly #probes = new Map<string, ProbeSeries>();
  readonly #logs = new Map<string, LogSeries>();
  readonly incidents = new Incidents();
  readonly history: History;
  host: HostSample | undefined;

  /**
   * @param since milliseconds since the epoch
   * @param history of earlier runs
   */
  constructor(since: number, history = new History()) {
    this.#since = since;
    this.history = history;
  }

  /** The series of a probe; it goes on where an earlier incarnation of the probe left it. */
  probe(name: string, url: string): ProbeSeries {
    const series = this.#probes.get(name) ?? new ProbeSeries(url);
    series.url = url;
    this.#probes.set(name, series);
    return series;
  }

  log(name: string, file: string): LogSeries {
    const series = this.#logs.get(name) ?? new LogSeries(file);
    this.#logs.set(name, series);
    return series;
  }

  overview(at: number): Overview {
    return {
      at,
      since: this.#since,
      host: this.host,
      probes: [...this.#probes].map(([name, series]) => series.summary(name)),
      logs: [...this.#logs.values()].map((series) => series.summary(at)),
      openIncidents: this.incidents.current,
      resolvedIncidents: this.incidents.resolved,
      history: this.history.rows,
    };
  }
}
