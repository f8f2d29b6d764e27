import { every } from 'daruma';
import { boardLines } from './lib/board-lines.ts';
import { settingsOf } from './settings.ts';
import { store } from './store.ts';

const rounds = 5;
const shownChecks = 18;

/** Shows now and then how everything has been lately. */
export const board = every(
  'board',
  (ctx) => rounds * settingsOf(ctx).every,
  { needs: { store } },
  async (ctx) => {
    const { every, targets } = settingsOf(ctx);
    const since = ctx.now() - shownChecks * every;
    const lately = targets.map(async ({ name }) => ({
      name,
      checks: await ctx.needs.store.checksOf(name, since),
    }));
    const incidents = await ctx.needs.store.openIncidents();
    const lines = boardLines(await Promise.all(lately), incidents, ctx.now(), every);
    ctx.log.info(lines.join('\n'));
  },
);
