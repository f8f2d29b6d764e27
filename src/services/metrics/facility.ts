import type { Metrics } from '../../define/metrics.ts';
import type { Facility } from '../../kernel/facilities.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Scope } from '../../kernel/scope.ts';
import { ActorMetrics } from './instruments.ts';
import { actorLabel, measureLifecycle, measureTree } from './lifecycle.ts';
import { telemetryBridge } from './open-telemetry.ts';
import { measureProcess, type ProcessGauge, processGauge } from './process.ts';
import { prometheusText } from './prometheus.ts';
import { type InstrumentSnapshot, MetricsRegistry } from './registry.ts';
import { measureWork } from './work.ts';

export interface MetricsOptions {
  /** Pass measurements on to `@opentelemetry/api` where it is installed. @default true */
  readonly openTelemetry?: boolean;
  /** Count what happens to every actor: starts, failures, restarts, ends. @default true */
  readonly lifecycle?: boolean;
  /** Where the heap, processor and event loop are read. @default this process */
  readonly process?: ProcessGauge;
}

/** The measurements of a system, for code outside the tree. */
export interface SystemMetrics extends Metrics {
  /** Everything that has been measured so far. */
  snapshot(): InstrumentSnapshot[];
  /** The same as text for Prometheus. */
  text(): string;
}

/** What of `ctx.metrics` and of `/metrics` the whole system shares. */
export class MetricsFacility implements Facility {
  readonly #kernel: Kernel;
  readonly #registry: MetricsRegistry;
  readonly #process: ProcessGauge;

  constructor(kernel: Kernel, options: MetricsOptions = {}) {
    this.#kernel = kernel;
    this.#process = options.process ?? processGauge();
    this.#registry = new MetricsRegistry(
      options.openTelemetry === false ? undefined : telemetryBridge(),
    );
    if (options.lifecycle !== false) {
      measureLifecycle(kernel, this.#registry);
      measureWork(kernel, this.#registry);
    }
  }

  partOf({ path }: Scope): Metrics {
    return new ActorMetrics(this.#registry, this.#kernel.clock, actorLabel(this.#kernel, path));
  }

  /** For checks of the process. */
  get process(): ProcessGauge {
    return this.#process;
  }

  forSystem(path: string): SystemMetrics {
    const look = () => {
      measureTree(this.#kernel, this.#registry);
      measureProcess(this.#process.read(), this.#registry);
      return this.#registry;
    };
    const own = new ActorMetrics(this.#registry, this.#kernel.clock, path);
    return Object.assign(own, {
      snapshot: () => look().snapshot(),
      text: () => prometheusText(look()),
    });
  }

  close(): undefined {
    this.#process.stop();
  }
}
