import { cron } from 'daruma';
import { files } from './outside/files.ts';
import { report } from './report.ts';
import { settingsOf } from './settings.ts';
import { store } from './store.ts';
import { worker } from './worker.ts';

const dayMs = 86_400_000;

/** Orders a report of the last day every morning, and tells people what it says. */
export const summary = cron(
  'summary',
  (ctx) => settingsOf(ctx).summary,
  { needs: { store, files, worker }, timeout: '5m' },
  async (ctx) => {
    const { store, files, worker } = ctx.needs;
    const { targets, every } = settingsOf(ctx);
    const input = { store, files, targets, every, since: ctx.now() - dayMs };
    const order = worker.submit(`report-${ctx.run}`, report, { input });
    ctx.signal.addEventListener('abort', () => void order.cancel());
    ctx.notify('Summary', await order.result, { key: `summary ${ctx.run}` });
  },
);
