import { queue } from 'daruma';
import { Check, Incident } from './topics.ts';

// What has to be done whatever happens, as jobs in the storage. Whoever adds one does not do it.

/** Checks that are to be written down. */
export const samples = queue('samples', { payload: Check, keep: { completed: 0, dead: '1d' } });

/** Incidents of which people have to be told: that one opened, or, with `closedAt`, that it is over. */
export const alerts = queue('alerts', {
  payload: Incident,
  // A chat may be down for some hours.
  maxAttempts: 20,
  backoff: { first: '1s', max: '15m' },
  timeout: '10s',
  // Of one target in order, over retries too: that it is up again is not told first.
  perKey: 'fifo',
  keep: { completed: '1d' },
});

/** The key of a job of `alerts`: each incident is told once when it opens and once when it is over. */
export function alertOf(incident: Incident) {
  const { target, openedAt, closedAt } = incident;
  const what = closedAt === undefined ? 'down' : 'up';
  return { key: target, idempotencyKey: `${target} ${openedAt} ${what}` };
}
