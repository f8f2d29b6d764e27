import { service } from 'daruma';
import { incidents } from './incidents.ts';
import { ledger } from './ledger.ts';
import { rest } from './lib/rest.ts';
import { summaryLine } from './lib/summary.ts';
import { settingsOf } from './settings.ts';

const rounds = 6;

/** Says now and then, in one line, how everything is. */
export const summary = service(
  'summary',
  { needs: { ledger, incidents }, watchdog: '30s' },
  async (ctx) => {
    for (;;) {
      await rest(ctx, rounds * settingsOf(ctx).every);
      ctx.log.info(summaryLine(ctx.needs.ledger.overview(ctx.now())));
      for (const { subject, reason } of await ctx.ask(incidents, 'list')) {
        ctx.log.warn(`still open: ${subject}: ${reason}`);
      }
    }
  },
);
