import { loadTelemetryApi } from '../telemetry-api.ts';
import type { Instrument, InstrumentKind, MeasurementListener } from './registry.ts';

/** What is used of `@opentelemetry/api`. */
export interface TelemetryApi {
  readonly metrics: { getMeter(name: string): Meter };
}

type Attributes = Readonly<Record<string, string>>;
type Described = { readonly description?: string };

interface Meter {
  createCounter(name: string, options?: Described): { add(n: number, of: Attributes): void };
  createUpDownCounter(name: string, options?: Described): { add(n: number, of: Attributes): void };
  createHistogram(name: string, options?: Described): { record(n: number, of: Attributes): void };
}

type Report = (amount: number, labels: Attributes) => void;

/**
 * Passes every measurement on to OpenTelemetry, where the application has its API installed; it is
 * the application that registers an SDK. Looked for at the first measurement, so that the SDK may
 * be set up after the system was made.
 */
export function telemetryBridge(
  load: () => TelemetryApi | undefined = () => loadTelemetryApi() as TelemetryApi | undefined,
): MeasurementListener {
  const reports = new Map<string, Report>();
  let meter: Meter | undefined;
  let isAbsent = false;
  return (instrument, amount, labels) => {
    if (isAbsent) return;
    meter ??= load()?.metrics.getMeter('daruma');
    if (!meter) {
      isAbsent = true;
      return;
    }
    let report = reports.get(instrument.name);
    if (!report) {
      report = reportTo(meter, instrument);
      reports.set(instrument.name, report);
    }
    report(amount, labels);
  };
}

function reportTo(meter: Meter, { name, kind, help }: Instrument): Report {
  const make: Record<InstrumentKind, () => Report> = {
    counter: () => {
      const counter = meter.createCounter(name, { description: help });
      return (amount, labels) => counter.add(amount, labels);
    },
    gauge: () => {
      const gauge = meter.createUpDownCounter(name, { description: help });
      return (amount, labels) => gauge.add(amount, labels);
    },
    histogram: () => {
      const histogram = meter.createHistogram(name, { description: help });
      return (value, labels) => histogram.record(value, labels);
    },
  };
  return make[kind]();
}
