import { service } from 'daruma';
import { guardedProbe } from './probe.ts';
import { settingsOf } from './settings.ts';

/** Starts one probe for each target. They fail, are restarted and stop one by one, and all with it. */
export const probes = service('probes', {
  start: async (ctx) => {
    const { targets, isDemo } = settingsOf(ctx);
    await Promise.all(targets.map((target) => ctx.spawn(guardedProbe(target, isDemo))));
  },
});
