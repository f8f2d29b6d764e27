import type { SystemOptions as KernelOptions } from '../kernel/system-options.ts';
import type { HttpOptions } from './http/server.ts';
import type { MetricsOptions } from './metrics/facility.ts';
import type { NotifyConfig } from './notify/settings.ts';
import type { StorageOptions } from './storage/options.ts';

/** The options of the kernel, and those of what the contexts of a system offer. */
export interface SystemOptions extends KernelOptions {
  /** Where notifications go, how many, and what people are told of anyway. @default the log */
  readonly notify?: NotifyConfig;
  /** What is measured, and who is told. @default none */
  readonly metrics?: MetricsOptions;
  /**
   * Serves `/livez`, `/readyz`, `/startupz` and `/metrics`, from before the boot until the tree is
   * down. @default none
   */
  readonly http?: HttpOptions;
  /**
   * Where services keep what `ctx.storage` is given: a SQLite file, or `'memory'`, which is empty
   * again when the system is made anew.
   *
   * @default the file '.daruma/<name of the root>.sqlite', made when it is first used
   */
  readonly storage?: StorageOptions | 'memory';
}
