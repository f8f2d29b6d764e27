import type { Facilities } from '../kernel/facilities.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { SystemOptions } from './system-options.ts';

/** What the contexts of a system offer beside the kernel's own: one line for each. */
export function facilitiesOf(_kernel: Kernel, _options: SystemOptions): Facilities {
  return {};
}
