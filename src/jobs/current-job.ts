import { currentErrand, onErrand } from '../kernel/attribution.ts';
import { noJobError } from './errors.ts';
import type { AnyJob } from './job.ts';

/** A handler that is being called. */
export interface Performance {
  readonly isOver: boolean;
  readonly workspaceId: string | undefined;
  /** undefined: it was given several jobs at once. */
  readonly job: AnyJob | undefined;
}

/**
 * The job whose handler is being called, for code below it that was not handed the job. Each handler
 * has its own, also beside each other and across awaits.
 *
 * @throws `DARUMA_NO_JOB` outside a handler, in a batch handler, and when the handler is over
 */
export function currentJob(): AnyJob {
  const performance = currentPerformance();
  if (!performance) throw noJobError('outside a handler');
  if (performance.isOver) throw noJobError('by code that outlived its job');
  if (!performance.job) throw noJobError('in a batch handler, which has several jobs');
  return performance.job;
}

/** Whom the work that goes on here is for; undefined: nobody, or it is no job. */
export function currentWorkspace(): string | undefined {
  return currentPerformance()?.workspaceId;
}

/** Calls a handler as a performance of its own. */
export function perform<Result>(performance: Performance, call: () => Result): Result {
  return onErrand(performance, call);
}

/** Nothing else is an errand. */
function currentPerformance(): Performance | undefined {
  return currentErrand() as Performance | undefined;
}
