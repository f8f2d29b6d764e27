import type { AnyDefinition } from './definition.ts';
import type { OptionReader } from './option-reader.ts';
import type { HooksSpec, ItemSpec, SupervisorSpec } from './spec.ts';

/** Reads what a battery will start below itself, so that its faults are found with all others. */
export type ReadInner = (definition: AnyDefinition) => ItemSpec;

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
  read(reader: OptionReader, readInner: ReadInner): HooksSpec;
  /** What its end may take where nobody says so, in milliseconds. @default that of every service */
  stopWithinMs?(reader: OptionReader): number;
}

export function isBattery(value: unknown): value is Battery {
  return typeof value === 'object' && value !== null && 'battery' in value && 'read' in value;
}

/**
 * A supervisor that Daruma brings along with its children: `pipeline()`. Options of its own, and what
 * is wrong with it as a whole, are read when the tree is compiled.
 */
export interface GroupBattery {
  /** What people call it: `pipeline()`. */
  readonly battery: string;
  /** The names of all its options: its own, and those of supervisors that make sense for it. */
  readonly options: readonly string[];
  /** How it differs from a supervisor whose options say nothing. */
  readonly base: Partial<SupervisorSpec>;
  /** Makes its spec of that of a plain supervisor with these children. Reading goes on, as above. */
  read(reader: OptionReader, spec: SupervisorSpec): SupervisorSpec;
}
