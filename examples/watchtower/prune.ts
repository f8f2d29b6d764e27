import { every, formatDuration } from 'daruma';
import { settingsOf } from './settings.ts';
import { store } from './store.ts';

const rounds = 10;

/** Forgets what is older than `keep`. */
export const prune = every(
  'prune',
  (ctx) => rounds * settingsOf(ctx).every,
  { needs: { store }, overlap: 'skip', missed: 'drop' },
  async (ctx) => {
    const { keep } = settingsOf(ctx);
    const count = await ctx.needs.store.forget(ctx.now() - keep);
    if (count > 0) ctx.log.info(`forgot ${count} entries older than ${formatDuration(keep)}`);
  },
);
