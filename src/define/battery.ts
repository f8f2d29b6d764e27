import type { OptionReader } from './option-reader.ts';
import type { HooksSpec } from './spec.ts';

/**
 * The body of a service that Daruma brings along: `tasks()`, `every()`, `cron()`. It has options of
 * its own beside those of every service, which it reads when the tree is compiled, so that what is
 * wrong with them is reported with everything else.
 */
export interface Battery {
  /** What people call it: `tasks`. */
  readonly battery: string;
  /** The names of its own options. */
  readonly options: readonly string[];
  /** Hints for options that people look for here, and that belong elsewhere. */
  readonly misplaced?: Readonly<Record<string, string>>;
  /** Makes hooks of its options. What is wrong is reported to the reader; reading goes on. */
  read(reader: OptionReader): HooksSpec;
}

export function isBattery(value: unknown): value is Battery {
  return typeof value === 'object' && value !== null && 'battery' in value && 'read' in value;
}
