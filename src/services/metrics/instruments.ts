import type {
  Counter,
  Gauge,
  Histogram,
  HistogramOptions,
  Labels,
  Metrics,
  StopTimer,
} from '../../define/metrics.ts';
import type { Clock } from '../../kernel/clock.ts';
import { defaultBounds } from './histogram.ts';
import type { MetricsRegistry } from './registry.ts';

/** The metrics of one place in the tree: whatever it measures carries its path. */
export class ActorMetrics implements Metrics {
  readonly #registry: MetricsRegistry;
  readonly #clock: Clock;
  readonly #actor: string;

  constructor(registry: MetricsRegistry, clock: Clock, actor: string) {
    this.#registry = registry;
    this.#clock = clock;
    this.#actor = actor;
  }

  counter(name: string, help?: string): Counter {
    const instrument = this.#registry.instrument(name, 'counter', help);
    return { add: (amount = 1, labels = {}) => instrument.at(this.#own(labels)).add(amount) };
  }

  gauge(name: string, help?: string): Gauge {
    const instrument = this.#registry.instrument(name, 'gauge', help);
    return {
      set: (value, labels = {}) => instrument.at(this.#own(labels)).set(value),
      add: (amount, labels = {}) => instrument.at(this.#own(labels)).add(amount),
    };
  }

  histogram(name: string, { help, bounds = defaultBounds }: HistogramOptions = {}): Histogram {
    const instrument = this.#registry.instrument(name, 'histogram', help, bounds);
    return { record: (value, labels = {}) => instrument.at(this.#own(labels)).record(value) };
  }

  timer(name: string, labels: Labels = {}): StopTimer {
    const histogram = this.histogram(`${name}_seconds`);
    const began = this.#clock.monotonic();
    let tookMs: number | undefined;
    return (outcome = 'ok') => {
      if (tookMs !== undefined) return tookMs;
      tookMs = this.#clock.monotonic() - began;
      histogram.record(tookMs / 1_000, { ...labels, outcome });
      return tookMs;
    };
  }

  time<Result>(name: string, call: () => Result, labels?: Labels): Result {
    const stop = this.timer(name, labels);
    try {
      const result = call();
      if (result instanceof Promise) {
        result.then(
          () => stop(),
          () => stop('failed'),
        );
      } else stop();
      return result;
    } catch (error) {
      stop('failed');
      throw error;
    }
  }

  #own(labels: Labels): Labels {
    return { ...labels, actor: this.#actor };
  }
}
