import type { Invariant } from '../invariant.ts';
import { leaseExclusive } from './job-leases.ts';
import { completedOnce, triedOnce } from './job-once.ts';
import {
  heldForOthers,
  inOrderOfKey,
  pausedIsQuiet,
  withinPerKey,
  withinRate,
} from './job-order.ts';
import { workersWithinConcurrency } from './job-workers.ts';
import { boundedAttempts, deadLetterHasReason, jobsNeverLost } from './jobs-kept.ts';

/** What durable jobs keep, whatever goes wrong. They say nothing about trees that have none. */
export const jobInvariants: readonly Invariant[] = [
  jobsNeverLost,
  leaseExclusive,
  completedOnce,
  triedOnce,
  boundedAttempts,
  deadLetterHasReason,
  inOrderOfKey,
  withinPerKey,
  heldForOthers,
  withinRate,
  pausedIsQuiet,
  workersWithinConcurrency,
];
