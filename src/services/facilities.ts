import type { Facilities } from '../kernel/facilities.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type BendEngine, StorageFacility } from './storage/facility.ts';
import { readStorage } from './storage/options.ts';
import type { SystemOptions } from './system-options.ts';

/** Where a simulation takes hold of what contexts offer. */
export interface FacilityBends {
  readonly storage?: BendEngine;
}

/** What the contexts of a system offer beside the kernel's own: one line for each. */
export function facilitiesOf(
  kernel: Kernel,
  options: SystemOptions,
  bends: FacilityBends = {},
): Facilities {
  return {
    storage: new StorageFacility(kernel, readStorage(options.storage), bends.storage),
  };
}
