import { supervisor } from 'daruma';
import { alerter } from './alerts.ts';
import { incidents } from './incidents.ts';
import { recorder } from './recorder.ts';
import { sampler } from './samples.ts';

/**
 * What follows from a check. Events are in memory: one that is emitted while its listener restarts
 * is missed, and the next check makes up for it. What must not be missed goes through a queue: the
 * recorder adds a job for each check, and an incident and its alert are stored in one transaction.
 */
export const reactions = supervisor('reactions', { start: 'parallel' }, [
  sampler,
  alerter,
  recorder,
  incidents,
]);
