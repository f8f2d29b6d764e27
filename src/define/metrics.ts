/** Labels of one series. Values become text. Few of them, with few values each. */
export type Labels = Readonly<Record<string, string | number | boolean>>;

/** Only grows. */
export interface Counter {
  /** @param amount 0 or more; 1 where it is not given */
  add(amount?: number, labels?: Labels): void;
}

/** Goes up and down. */
export interface Gauge {
  set(value: number, labels?: Labels): void;
  add(amount: number, labels?: Labels): void;
}

/** How values are spread: count, sum, least, greatest, and how many are at most each bound. */
export interface Histogram {
  record(value: number, labels?: Labels): void;
}

export interface HistogramOptions {
  /** What it measures, in a sentence. */
  readonly help?: string;
  /** Upper bounds, ascending. @default 5 ms to 5 min, in seconds */
  readonly bounds?: readonly number[];
}

/** Ends a measurement. A second call changes nothing. Returns the milliseconds. */
export type StopTimer = (outcome?: 'ok' | 'failed') => number;

/**
 * Measurements of a service. Every series has the label `actor`, its path; children that come and
 * go share that of their parent: `app/pool/*`. Instruments of one name are one.
 *
 * @throws DARUMA_INVALID_METRIC for a name that Prometheus would not take, and for one that is in
 * use for another kind of instrument
 */
export interface Metrics {
  /** @param name ends in `_total` by convention */
  counter(name: string, help?: string): Counter;
  gauge(name: string, help?: string): Gauge;
  histogram(name: string, options?: HistogramOptions): Histogram;
  /**
   * Starts a measurement on the system's monotonic clock. It ends in the histogram
   * `<name>_seconds`, with the label `outcome`.
   */
  timer(name: string, labels?: Labels): StopTimer;
  /** Measures a call, whatever becomes of it: `outcome` is `failed` when it throws or rejects. */
  time<Result>(name: string, call: () => Result, labels?: Labels): Result;
}
