import type { Invariant } from '../invariant.ts';
import { scheduleNoDoubledTick } from './schedule-no-doubled-tick.ts';
import { scheduleNoMissedTick } from './schedule-no-missed-tick.ts';
import { scheduleNoOverlap } from './schedule-no-overlap.ts';
import { scheduleQuietAfterStop } from './schedule-quiet.ts';

/** What every schedule keeps. They say nothing about trees that have none. */
export const scheduleInvariants: readonly Invariant[] = [
  scheduleNoOverlap,
  scheduleNoDoubledTick,
  scheduleNoMissedTick,
  scheduleQuietAfterStop,
];
