import type { Invariant } from '../invariant.ts';
import { busInvariants } from './bus.ts';
import { jobInvariants } from './jobs.ts';
import { scheduleInvariants } from './schedules.ts';
import { storageInvariants } from './storage.ts';
import { supervisionInvariants } from './supervision.ts';

/** What is looked at where nobody says otherwise: what every tree keeps, and what its batteries do. */
export const defaultInvariants: readonly Invariant[] = [
  ...supervisionInvariants,
  ...scheduleInvariants,
  ...busInvariants,
  ...storageInvariants,
  ...jobInvariants,
];
