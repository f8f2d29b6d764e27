import { quietProcess } from '../services/metrics/process.ts';
import type { SystemOptions } from '../services/system-options.ts';

/** Nothing of a simulated system reaches the world, or depends on it. */
export const unheard: SystemOptions = {
  metrics: { openTelemetry: false, lifecycle: false, process: quietProcess },
  tracing: { openTelemetry: false },
  storage: 'memory',
  // They are on record as events; nobody is told.
  notify: { channels: [], alerts: false },
};
