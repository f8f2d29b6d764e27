import { formatDuration, heartbeat, optional } from 'daruma';
import { site } from './outside/site.ts';
import { web } from './outside/web.ts';
import { settingsOf } from './settings.ts';

/**
 * Notes every ten seconds that the watchtower is alive, and tells a dead man's switch, if there is
 * one. After a restart it knows for how long nobody was on watch.
 */
export const pulse = heartbeat(
  'pulse',
  { interval: '10s', timeout: '5s', needs: { web, site: optional(site) } },
  async (ctx) => {
    const aliveAt = await ctx.storage.get<number>('alive at');
    if (ctx.run === 1 && aliveAt !== undefined) {
      ctx.log.info(`on watch again, after ${formatDuration(ctx.now() - aliveAt)}`);
    }
    await ctx.storage.set('alive at', ctx.now());
    const { beat, isDemo } = settingsOf(ctx);
    const url = beat ?? (isDemo && ctx.needs.site ? `${ctx.needs.site}/beat` : undefined);
    if (url === undefined) return;
    const { status } = await ctx.needs.web.post(url, { at: ctx.now() }, ctx.signal);
    if (status >= 400) throw new Error(`the receiver answers HTTP ${status}`);
  },
);
