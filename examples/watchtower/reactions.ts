import { supervisor } from 'daruma';
import { alerts } from './alerts.ts';
import { incidents } from './incidents.ts';
import { recorder } from './recorder.ts';

/**
 * What follows from a check. Events are in memory: what is emitted while one of these restarts is
 * missed by it, and the next check makes up for it. What must not be missed, whatever happens,
 * belongs into a queue, between an event and these three.
 */
export const reactions = supervisor('reactions', { start: 'parallel' }, [
  recorder,
  incidents,
  alerts,
]);
