import type { Kernel } from '../kernel/kernel.ts';
import { MetricsFacility } from './metrics/facility.ts';
import type { SystemOptions } from './system-options.ts';

/** What the contexts of a system offer beside the kernel's own. */
export type SystemFacilities = ReturnType<typeof facilitiesOf>;

/** One line for each, under the name that it has on the context. */
export function facilitiesOf(kernel: Kernel, options: SystemOptions) {
  return {
    metrics: new MetricsFacility(kernel, options.metrics),
  };
}
