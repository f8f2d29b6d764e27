/** One bug that could be in the kernel or its rules, as data. */
export interface Mutant {
  readonly id: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** One sentence: what it breaks. */
  readonly breaks: string;
  /** The invariants that are expected to see it; others may as well. */
  readonly seenBy: readonly string[];
  /** Looked for by the rules for jobs, on the tree that works by jobs alone. @default by all others */
  readonly isOfJobs?: true;
  /** Why nobody can tell it from the original; then it does not count. */
  readonly equivalent?: string;
}
