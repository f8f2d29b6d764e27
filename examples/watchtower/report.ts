import { type Context, service } from 'daruma';
import { ledger } from './ledger.ts';
import { markdownReport } from './lib/markdown.ts';
import { rest } from './lib/rest.ts';
import { historyRow } from './lib/summary.ts';
import { settingsOf } from './settings.ts';
import { workspace } from './workspace.ts';

const needs = { ledger, workspace };

/**
 * Writes report.md and report.json: after every round, when an incident asks for it, and once more
 * when it is stopped; everybody who measures has stopped before.
 */
export const report = service(
  'report',
  {
    needs,
    watchdog: '30s',
    // What a report that nobody writes would have said, the next one says.
    whileDown: 'drop',
    receive: { publish: (_nothing: undefined, ctx) => publish(ctx) },
    stop: (ctx) => publish(ctx),
  },
  async (ctx) => {
    ctx.log.info(`writes ${ctx.needs.workspace.file('report.md')}`);
    for (;;) {
      await rest(ctx, settingsOf(ctx).every);
      const { history } = ctx.needs.ledger;
      history.add(historyRow(ctx.needs.ledger.overview(ctx.now())));
      await publish(ctx);
    }
  },
);

async function publish(ctx: Context<typeof needs>): Promise<void> {
  const overview = ctx.needs.ledger.overview(ctx.now());
  const { workspace } = ctx.needs;
  await Promise.all([
    workspace.replace('report.json', `${JSON.stringify(overview, null, 2)}\n`),
    workspace.replace('report.md', markdownReport(overview)),
  ]);
}
