import { JobsFacility } from '../jobs/facility.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { BusFacility } from './bus/facility.ts';
import type { BusProbe } from './bus/probe.ts';
import { MetricsFacility } from './metrics/facility.ts';
import { NotifyFacility } from './notify/facility.ts';
import { readNotify } from './notify/options.ts';
import { type BendEngine, StorageFacility } from './storage/facility.ts';
import { readStorage } from './storage/options.ts';
import type { SystemOptions } from './system-options.ts';
import { TracingFacility } from './tracing/facility.ts';

/** Where a simulation takes hold of what contexts offer. */
export interface FacilityBends {
  readonly storage?: BendEngine;
  /** What the process is called among those that share a storage. */
  readonly replica?: string;
  readonly bus?: BusProbe;
}

/** What the contexts of a system offer beside the kernel's own. */
export type SystemFacilities = ReturnType<typeof facilitiesOf>;

/** One line for each, under the name that it has on the context. */
export function facilitiesOf(kernel: Kernel, options: SystemOptions, bends: FacilityBends = {}) {
  const { storage: bend, replica } = bends;
  const storage = new StorageFacility(kernel, readStorage(options.storage), bend, replica);
  return {
    bus: new BusFacility(kernel, bends.bus),
    metrics: new MetricsFacility(kernel, options.metrics),
    notify: new NotifyFacility(kernel, readNotify(options.notify)),
    span: new TracingFacility(kernel, options.tracing),
    storage,
    // After the storage, which it is kept in: closed before it.
    jobs: new JobsFacility(kernel, storage),
  };
}
