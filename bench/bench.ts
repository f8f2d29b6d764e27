/** What is measured for one contender in one case; undefined where it has no such figure. */
export type Figures = Readonly<Record<string, number | undefined>>;

export interface Measurement {
  readonly contender: string;
  readonly case: string;
  /** Only shows that it runs: the numbers mean nothing. */
  readonly isQuick: boolean;
}

/**
 * One thing that is measured, beside what people would use instead: a file in `bench/list`, whose
 * default export it is, and which is found there by its name.
 */
export interface Bench {
  /** That of its file. */
  readonly name: string;
  /** What stands beside what, and in which units: a sentence or two above its table. */
  readonly compares: string;
  /** In the order of the table. */
  readonly contenders: readonly string[];
  /** The contender that the others are divided by. */
  readonly base: string;
  readonly cases: readonly string[];
  /** Whether a contender is measured in a case. @default all are in all */
  has?(contender: string, nameOfCase: string): boolean;
  /** The columns: the names of figures, as they stand in the head of the table. */
  readonly figures: readonly string[];
  /**
   * Measures one contender in one case, in a process of its own: warms up, and throws when what
   * came out is wrong, for then the measurement is worthless.
   */
  run(measurement: Measurement): Promise<Figures>;
}

export function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(`The measurement is worthless: not ${what}.`);
}

/** The value that a contender or a case has in a table of them. */
export function choose<Value>(table: Readonly<Record<string, Value>>, name: string): Value {
  const value = table[name];
  if (value === undefined) {
    throw new Error(`There is no '${name}': ${Object.keys(table).join(', ')}.`);
  }
  return value;
}

/**
 * What a step takes of the processor, over all threads of this process, in milliseconds: what others
 * do on the machine counts less than on a clock.
 */
export async function processorMs(step: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await step();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
