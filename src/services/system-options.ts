import type { SystemOptions as KernelOptions } from '../kernel/system-options.ts';
import type { HttpOptions } from './http/server.ts';
import type { MetricsOptions } from './metrics/facility.ts';

/** The options of the kernel, and those of what the contexts of a system offer. */
export interface SystemOptions extends KernelOptions {
  /** What is measured, and who is told. @default none */
  readonly metrics?: MetricsOptions;
  /**
   * Serves `/livez`, `/readyz`, `/startupz` and `/metrics`, from before the boot until the tree is
   * down. @default none
   */
  readonly http?: HttpOptions;
}
