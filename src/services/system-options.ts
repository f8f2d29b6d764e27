import type { SystemOptions as KernelOptions } from '../kernel/system-options.ts';

/** The options of the kernel, and those of what the contexts of a system offer. */
export interface SystemOptions extends KernelOptions {}
