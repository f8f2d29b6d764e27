import { formatDuration, service } from 'daruma';
import { incidentClosed, incidentOpened } from './topics.ts';

/**
 * Tells people of incidents, through the channels of the system: the log, and `--webhook URL`. The
 * key is what it is about: a target that comes and goes is told once in five minutes, with a count.
 */
export const alerts = service('alerts', {
  start: (ctx) => {
    ctx.bus.on(incidentOpened, ({ target, reason, openedAt }) => {
      const data = { target, openedAt };
      ctx.notify(`${target} is down`, reason, { level: 'error', key: `down ${target}`, data });
    });
    ctx.bus.on(incidentClosed, ({ target, openedAt, closedAt = openedAt }) => {
      const lasted = `after ${formatDuration(closedAt - openedAt)}`;
      const data = { target, openedAt, closedAt };
      ctx.notify(`${target} is up again`, lasted, { level: 'success', key: `up ${target}`, data });
    });
  },
});
