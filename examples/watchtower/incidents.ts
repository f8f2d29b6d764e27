import { service } from 'daruma';
import { settingsOf } from './settings.ts';
import { store } from './store.ts';
import { checked, type Incident } from './topics.ts';

/** Tells incidents from hiccups: opens one after some failures in a row, and closes it. */
export const incidents = service('incidents', {
  needs: { store },
  start: async (ctx) => {
    const { failures: limit } = settingsOf(ctx);
    const failuresInARow = new Map<string, number>();
    const stored = await ctx.needs.store.openIncidents();
    const open = new Map(stored.map((incident) => [incident.target, incident]));
    for (const { target, reason } of stored) ctx.log.warn(`still open: ${target}: ${reason}`);
    const gauge = ctx.metrics.gauge('watchtower_open_incidents', 'Targets that are down.');
    gauge.set(open.size);

    const openOne = async (incident: Incident) => {
      await ctx.needs.store.openIncident(incident);
      open.set(incident.target, incident);
      gauge.set(open.size);
    };
    const close = async (incident: Incident, closedAt: number) => {
      await ctx.needs.store.closeIncident({ ...incident, closedAt });
      open.delete(incident.target);
      gauge.set(open.size);
    };

    ctx.bus.on(
      checked,
      async ({ target, at, ok, outcome }) => {
        const inARow = ok ? 0 : (failuresInARow.get(target) ?? 0) + 1;
        failuresInARow.set(target, inARow);
        const known = open.get(target);
        if (ok && known) await close(known, at);
        if (known || inARow < limit) return;
        await openOne({ target, reason: `${outcome}, ${inARow} in a row`, openedAt: at });
      },
      { orderBy: ({ target }) => target },
    );
  },
});
