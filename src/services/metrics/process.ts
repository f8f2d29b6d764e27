import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MetricsRegistry } from './registry.ts';

/** How the process is doing, which all its services share. */
export interface ProcessReadings {
  readonly heapUsedBytes: number;
  readonly residentBytes: number;
  /** Processor time since the process began, of all its threads, in milliseconds. */
  readonly cpuMs: number;
  /** 99th percentile of how late timers were since the last reading, in milliseconds. */
  readonly loopLagMs: number;
  /** Since the process began, in milliseconds. */
  readonly uptimeMs: number;
}

/** Where readings come from. */
export interface ProcessGauge {
  read(): ProcessReadings;
  stop(): void;
}

/** How often the event loop is sampled: a lag below it does not show. */
const resolutionMs = 20;

/** Of this process. Sampling the event loop begins with the first reading, and ends with `stop`. */
export function processGauge(): ProcessGauge {
  let delay: ReturnType<typeof monitorEventLoopDelay> | undefined;
  return {
    read() {
      if (!delay) {
        delay = monitorEventLoopDelay({ resolution: resolutionMs });
        delay.enable();
      }
      const { heapUsed, rss } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      const lateness = delay.count === 0 ? 0 : delay.percentile(99) / 1e6 - resolutionMs;
      delay.reset();
      return {
        heapUsedBytes: heapUsed,
        residentBytes: rss,
        cpuMs: (user + system) / 1_000,
        loopLagMs: Math.max(0, lateness),
        uptimeMs: process.uptime() * 1_000,
      };
    },
    stop() {
      delay?.disable();
    },
  };
}

/** For runs that must not depend on the machine. */
export const quietProcess: ProcessGauge = {
  read: () => ({ heapUsedBytes: 0, residentBytes: 0, cpuMs: 0, loopLagMs: 0, uptimeMs: 0 }),
  stop: () => {},
};

/** Puts the readings into the metrics, under the names that Prometheus knows. */
export function measureProcess(readings: ProcessReadings, registry: MetricsRegistry): void {
  const set = (name: string, help: string, value: number) =>
    registry.instrument(name, 'gauge', help).at({}).set(value);
  set('process_resident_memory_bytes', 'Resident memory.', readings.residentBytes);
  set('nodejs_heap_used_bytes', 'Heap in use.', readings.heapUsedBytes);
  set('process_cpu_seconds', 'Processor time since the begin.', readings.cpuMs / 1_000);
  set('nodejs_eventloop_lag_seconds', '99th percentile of lateness.', readings.loopLagMs / 1_000);
  set('process_uptime_seconds', 'Since the process began.', readings.uptimeMs / 1_000);
}
