/** The options of a worker as they are used. Infinity: no limit. */
export interface WorkerPolicy {
  readonly concurrency: number;
  readonly maxPending: number;
  readonly ageingMs: number;
  readonly keepFinished: number;
  readonly keepForMs: number;
}

export const defaultPolicy: WorkerPolicy = {
  concurrency: Number.POSITIVE_INFINITY,
  maxPending: 10_000,
  ageingMs: 10_000,
  keepFinished: 1_000,
  keepForMs: 3_600_000,
};
