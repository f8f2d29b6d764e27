import { optional, service } from 'daruma';
import { guardedProbe } from './probe.ts';
import { reactions } from './reactions.ts';
import { settingsOf } from './settings.ts';

/** Starts one probe for each target. They fail, are restarted and stop one by one, and all with it. */
export const probes = service('probes', {
  // Nothing is measured before somebody listens; who measures goes on while one of them is down.
  needs: { reactions: optional(reactions) },
  start: async (ctx) => {
    const { targets, isDemo } = settingsOf(ctx);
    await Promise.all(targets.map((target) => ctx.spawn(guardedProbe(target, isDemo))));
  },
});
