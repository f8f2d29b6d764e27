import type { SystemOptions as KernelOptions } from '../kernel/system-options.ts';
import type { HistoryOptions } from './history/options.ts';
import type { HttpOptions } from './http/server.ts';
import type { MetricsOptions } from './metrics/facility.ts';
import type { NotifyFacilityOptions } from './notify/options.ts';
import type { PostgresAddress, StorageOptions } from './storage/options.ts';
import type { TracingOptions } from './tracing/facility.ts';

/** The options of the kernel, and those of what the contexts of a system offer. */
export interface SystemOptions extends KernelOptions {
  /** Where notifications go, and what is told by itself. @default none */
  readonly notify?: NotifyFacilityOptions;
  /** What is measured, and who is told. @default none */
  readonly metrics?: MetricsOptions;
  /** Which spans are made for OpenTelemetry. @default none */
  readonly tracing?: TracingOptions;
  /**
   * Serves `/livez`, `/readyz`, `/startupz` and `/metrics`, from before the boot until the tree is
   * down. @default none
   */
  readonly http?: HttpOptions;
  /**
   * Where services keep what `ctx.storage` is given: a SQLite file, a PostgreSQL database, or
   * `'memory'`, which is empty again when the system is made anew.
   *
   * @default the file .daruma/NAME.sqlite; NAME is that of the root, and it is made when it is used
   */
  readonly storage?: StorageOptions | PostgresAddress | 'memory';
  /** Keeps what happens where everything else is stored, for `system.history()`. @default false */
  readonly history?: boolean | HistoryOptions;
}
